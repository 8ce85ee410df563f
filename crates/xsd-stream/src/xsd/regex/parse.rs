//! The grammar of XML Schema Part 2, appendix F, into a tree.

use super::blocks::block;
use super::class::CharSet;

/// Groups may nest this deep; what walks the tree relies on it.
const MAX_NESTING: usize = 200;

/// A piece of a pattern. Children stand before their parents in the list.
#[derive(Debug)]
pub(super) enum Node {
    Set(usize),
    Concat(Vec<usize>),
    Alternatives(Vec<usize>),
    Repeat {
        body: usize,
        min: u32,
        max: Option<u32>,
    },
}

/// A pattern taken apart.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) sets: Vec<CharSet>,
    pub(super) root: usize,
}

#[derive(Default)]
struct Group {
    branches: Vec<usize>,
    pieces: Vec<usize>,
}

struct Parser<'p> {
    rest: std::iter::Peekable<std::str::Chars<'p>>,
    tree: Tree,
}

/// Parses `pattern`; the error says what is wrong with it.
pub(super) fn parse(pattern: &str) -> Result<Tree, String> {
    let mut parser = Parser {
        rest: pattern.chars().peekable(),
        tree: Tree::default(),
    };
    let mut open: Vec<Group> = Vec::new();
    let mut group = Group::default();
    while let Some(c) = parser.rest.next() {
        let atom = match c {
            '|' => {
                let branch = parser.concat(std::mem::take(&mut group.pieces));
                group.branches.push(branch);
                continue;
            }
            '(' => {
                if open.len() == MAX_NESTING {
                    return Err(format!("groups are nested deeper than {MAX_NESTING}"));
                }
                open.push(std::mem::take(&mut group));
                continue;
            }
            ')' => {
                let inner = parser.close(group);
                group = open.pop().ok_or("')' without '('")?;
                inner
            }
            _ => {
                let set = parser.atom(c)?;
                parser.set(set)
            }
        };
        let piece = parser.quantified(atom)?;
        group.pieces.push(piece);
    }
    if !open.is_empty() {
        return Err("'(' is not closed".to_owned());
    }
    parser.tree.root = parser.close(group);
    Ok(parser.tree)
}

impl Parser<'_> {
    fn push(&mut self, node: Node) -> usize {
        self.tree.nodes.push(node);
        self.tree.nodes.len() - 1
    }

    fn set(&mut self, set: CharSet) -> usize {
        let index = match self.tree.sets.iter().position(|s| *s == set) {
            Some(known) => known,
            None => {
                self.tree.sets.push(set);
                self.tree.sets.len() - 1
            }
        };
        self.push(Node::Set(index))
    }

    fn concat(&mut self, pieces: Vec<usize>) -> usize {
        match pieces[..] {
            [one] => one,
            _ => self.push(Node::Concat(pieces)),
        }
    }

    fn close(&mut self, mut group: Group) -> usize {
        let last = self.concat(group.pieces);
        if group.branches.is_empty() {
            return last;
        }
        group.branches.push(last);
        self.push(Node::Alternatives(group.branches))
    }

    fn atom(&mut self, c: char) -> Result<CharSet, String> {
        match c {
            '\\' => self.escape(),
            '[' => self.class(),
            '.' => CharSet::escape('.').ok_or_else(String::new),
            '?' | '*' | '+' | '{' => Err(format!("'{c}' repeats nothing")),
            ']' | '}' => Err(format!("'{c}' must be written '\\{c}'")),
            _ => Ok(CharSet::single(c)),
        }
    }

    fn quantified(&mut self, body: usize) -> Result<usize, String> {
        let (min, max) = match self.rest.next_if(|&c| "?*+{".contains(c)) {
            None => return Ok(body),
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some(_) => self.bounds()?,
        };
        Ok(self.push(Node::Repeat { body, min, max }))
    }

    /// `n}`, `n,}` or `n,m}`.
    fn bounds(&mut self) -> Result<(u32, Option<u32>), String> {
        let min = self.number()?;
        match self.rest.next() {
            Some('}') => return Ok((min, Some(min))),
            Some(',') => {}
            _ => return Err("a quantity is not of the form {n}, {n,} or {n,m}".to_owned()),
        }
        if self.rest.next_if_eq(&'}').is_some() {
            return Ok((min, None));
        }
        let max = self.number()?;
        if self.rest.next() != Some('}') {
            return Err("a quantity is not of the form {n}, {n,} or {n,m}".to_owned());
        }
        if max < min {
            return Err(format!("the quantity {{{min},{max}}} is empty"));
        }
        Ok((min, Some(max)))
    }

    fn number(&mut self) -> Result<u32, String> {
        let digits = std::iter::from_fn(|| self.rest.next_if(char::is_ascii_digit));
        let number = digits.collect::<String>().parse();
        number.map_err(|_| "a quantity needs a number".to_owned())
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<CharSet, String> {
        let c = self.rest.next().ok_or("'\\' at the end")?;
        match c {
            'p' | 'P' => {
                let set = self.property()?;
                Ok(if c == 'P' { set.negated() } else { set })
            }
            's' | 'S' | 'i' | 'I' | 'c' | 'C' | 'd' | 'D' | 'w' | 'W' => {
                CharSet::escape(c).ok_or_else(String::new)
            }
            _ => single_escape(c).map(CharSet::single),
        }
    }

    fn property(&mut self) -> Result<CharSet, String> {
        if self.rest.next() != Some('{') {
            return Err("'\\p' needs a property in braces".to_owned());
        }
        let mut name = String::new();
        loop {
            match self.rest.next() {
                Some('}') => break,
                Some(c) => name.push(c),
                None => return Err("'\\p{' is not closed".to_owned()),
            }
        }
        let set = match name.strip_prefix("Is") {
            Some(name) => block(name).map(CharSet::from_runs),
            None => CharSet::category(&name),
        };
        set.ok_or_else(|| format!("no category or block '{name}'"))
    }

    /// A character class expression after its `[`. Subtractions nest at the
    /// end only, so they are gathered and applied from the innermost out.
    fn class(&mut self) -> Result<CharSet, String> {
        let mut outer: Vec<CharSet> = Vec::new();
        loop {
            let (set, subtract) = self.class_group()?;
            if subtract {
                outer.push(set);
                continue;
            }
            let mut result = set;
            while let Some(minuend) = outer.pop() {
                result = minuend.minus(&result);
                if self.rest.next() != Some(']') {
                    return Err("a subtraction must end its class".to_owned());
                }
            }
            return Ok(result);
        }
    }

    /// One group, up to `]` or up to `-[`; true for the latter.
    fn class_group(&mut self) -> Result<(CharSet, bool), String> {
        let unclosed = || "'[' is not closed".to_owned();
        let negative = self.rest.next_if_eq(&'^').is_some();
        let finish = |set: CharSet| if negative { set.negated() } else { set };
        let mut set = CharSet::default();
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or_else(unclosed)?;
            let from = match c {
                ']' if first => return Err("an empty class".to_owned()),
                ']' => return Ok((finish(set), false)),
                '[' => return Err("'[' in a class must be written '\\['".to_owned()),
                '-' if self.rest.peek() == Some(&'[') => {
                    if first {
                        return Err("nothing to subtract from".to_owned());
                    }
                    self.rest.next();
                    return Ok((finish(set), true));
                }
                '-' if !first && self.rest.peek() != Some(&']') && !self.is_before("-[") => {
                    return Err("'-' in the middle of a class must be written '\\-'".to_owned());
                }
                '\\' => match self.class_escape()? {
                    Ok(c) => c,
                    Err(many) => {
                        set = set.union(&many);
                        first = false;
                        continue;
                    }
                },
                c => c,
            };
            first = false;
            let to = self.range_end(from)?;
            if to < from {
                return Err(format!("the range {from}-{to} is empty"));
            }
            set = set.union(&CharSet::from_runs(vec![(from.into(), to.into())]));
        }
    }

    /// Whether `text` comes next.
    fn is_before(&self, text: &str) -> bool {
        let ahead = self.rest.clone().take(text.len());
        ahead.eq(text.chars())
    }

    /// The last character of the range that `from` begins, or `from` itself.
    fn range_end(&mut self, from: char) -> Result<char, String> {
        let mut ahead = self.rest.clone();
        let is_range = ahead.next() == Some('-') && !matches!(ahead.peek(), Some(']' | '[') | None);
        if !is_range || self.is_before("--[") {
            return Ok(from);
        }
        self.rest = ahead;
        match self.rest.next() {
            Some('\\') => match self.class_escape()? {
                Ok(c) => Ok(c),
                Err(_) => Err("a range can't end in a class".to_owned()),
            },
            Some('-') if self.rest.peek() != Some(&']') => {
                Err("'-' in the middle of a class must be written '\\-'".to_owned())
            }
            Some(c) => Ok(c),
            None => Err("'[' is not closed".to_owned()),
        }
    }

    /// An escape in a class: one character, or a set as the inner `Err`.
    fn class_escape(&mut self) -> Result<Result<char, CharSet>, String> {
        match self.rest.peek() {
            Some('p' | 'P' | 's' | 'S' | 'i' | 'I' | 'c' | 'C' | 'd' | 'D' | 'w' | 'W') => {
                self.escape().map(Err)
            }
            Some(&c) => {
                self.rest.next();
                single_escape(c).map(Ok)
            }
            None => Err("'\\' at the end".to_owned()),
        }
    }
}

fn single_escape(c: char) -> Result<char, String> {
    match c {
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        't' => Ok('\t'),
        '\\' | '|' | '.' | '-' | '^' | '?' | '*' | '+' | '{' | '}' | '(' | ')' | '[' | ']' => Ok(c),
        _ => Err(format!("'\\{c}' is no escape")),
    }
}

//! The pull reader: well-formed, namespace-well-formed XML 1.0 without DTD.
//!
//! Tags, text and references, of which documents consist, are cut out here;
//! quick-xml finds the ends of comments, instructions, CDATA sections and
//! whatever else begins with `<!` or `<?`. Every name and most values borrow
//! from the text. The reader keeps the open elements in a list, never on the
//! call stack.

use std::borrow::Cow;

use quick_xml::events::Event as Token;

use super::attributes::{name_end, read_attributes, read_name};
use super::chars::{Survey, find_either, is_blank, is_space, survey, trim_end};
use super::error::{XmlError, XmlErrorKind as Kind};
use super::event::{EndTag, Event, Name, RawAttribute, StartTag, Text};
use super::limits::Limits;
use super::namespaces::{BindingId, Namespaces};
use super::position::Positions;
use super::prolog::{check_comment, check_declaration, check_instruction};
use super::text::{normalise_line_ends, resolve_reference};

/// Characters that are shown of what is no XML.
const SHOWN: usize = 20;

/// An element whose end has not come.
#[derive(Debug, Clone, Copy)]
struct Open<'a> {
    qname: &'a str,
    prefix: &'a str,
    local: &'a str,
    binding: BindingId,
    /// Declarations in scope outside this element.
    outer: usize,
    offset: usize,
}

/// What `step` found, as places in the reader's own lists, so that the loop
/// around it can go on where there is nothing to tell.
enum Step<'a> {
    Start { open: Open<'a>, empty: bool },
    End { offset: usize },
    Text(Text<'a>),
    Eof,
    Nothing,
}

/// A strict reader over decoded text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    limits: Limits,
    survey: Survey,
    /// Where the last token ended.
    position: usize,
    stack: Vec<Open<'a>>,
    namespaces: Namespaces<'a>,
    attributes: Vec<RawAttribute<'a>>,
    pending: Option<Text<'a>>,
    pending_bytes: usize,
    /// An empty-element tag was given as `Start`; its `End` is due.
    owes_end: bool,
    /// The last event was an `End`; its element leaves the stack next.
    owes_pop: bool,
    seen_root: bool,
    elements: usize,
    misc_count: usize,
    misc_bytes: usize,
    failed: Option<XmlError>,
}

impl<'a> Reader<'a> {
    /// A reader over `text`, which has been decoded and has no byte order mark.
    #[must_use]
    pub fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            limits,
            survey: survey(text),
            position: 0,
            stack: Vec::with_capacity(16),
            namespaces: Namespaces::default(),
            attributes: Vec::with_capacity(8),
            pending: None,
            pending_bytes: 0,
            owes_end: false,
            owes_pop: false,
            seen_root: false,
            elements: 0,
            misc_count: 0,
            misc_bytes: 0,
            failed: text
                .starts_with('\u{FEFF}')
                .then(|| XmlError::new(Kind::TextOutsideRoot, 0)),
        }
    }

    /// Byte offset just past the token last returned.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.position
    }

    /// Number of open elements, the one just ended not counted.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.stack.len() - usize::from(self.owes_pop)
    }

    /// The namespaces in scope for the event last returned.
    #[must_use]
    pub fn namespaces(&self) -> &Namespaces<'a> {
        &self.namespaces
    }

    /// The next event. After `Eof` it stays `Eof`.
    ///
    /// # Errors
    /// The first violation of well-formedness or of a limit; every later call
    /// gives the same error.
    #[expect(
        clippy::should_implement_trait,
        reason = "events borrow the reader, which an Iterator can't express"
    )]
    pub fn next(&mut self) -> Result<Event<'_, 'a>, XmlError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.step() {
            Ok(Step::Nothing) => {}
            Ok(step) => return Ok(self.event(step)),
            Err(error) => return Err(self.fail(error)),
        }
        match self.go_on() {
            Ok(step) => Ok(self.event(step)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Steps until there is something to tell. Apart from `next`, where most
    /// events take one step, and a loop would have more to set up than to do.
    #[cold]
    #[inline(never)]
    fn go_on(&mut self) -> Result<Step<'a>, XmlError> {
        loop {
            match self.step()? {
                Step::Nothing => {}
                step => return Ok(step),
            }
        }
    }

    #[cold]
    fn fail(&mut self, error: XmlError) -> XmlError {
        let error = self.earlier_invalid(error);
        self.failed = Some(error.clone());
        error
    }

    /// An invalid character before the place of `error` is the error to report.
    fn earlier_invalid(&self, error: XmlError) -> XmlError {
        if self.survey.first_invalid < error.offset {
            self.invalid_char()
        } else {
            error
        }
    }

    fn invalid_char(&self) -> XmlError {
        let at = self.survey.first_invalid;
        let code = self.text[at..].chars().next().map_or(0, u32::from);
        XmlError::new(
            Kind::InvalidChar {
                code: format!("U+{code:04X}"),
            },
            at,
        )
    }

    fn event(&self, step: Step<'a>) -> Event<'_, 'a> {
        match step {
            Step::Text(text) => Event::Text(text),
            Step::Eof | Step::Nothing => Event::Eof,
            Step::Start { open, empty } => Event::Start(StartTag {
                name: self.name(&open),
                offset: open.offset,
                end: self.position,
                empty,
                attributes: &self.attributes,
                namespaces: &self.namespaces,
                declared_from: open.outer,
            }),
            Step::End { offset } => Event::End(EndTag {
                name: self.innermost(),
                offset,
                end: self.position,
                namespaces: &self.namespaces,
            }),
        }
    }

    fn name(&self, open: &Open<'a>) -> Name<'_, 'a> {
        Name {
            qname: open.qname,
            prefix: open.prefix,
            local: open.local,
            namespace: self.namespaces.uri(open.binding),
        }
    }

    fn innermost(&self) -> Name<'_, 'a> {
        match self.stack.last() {
            Some(open) => self.name(open),
            // `event` is asked only for an element that `step` has pushed.
            None => Name {
                qname: "",
                prefix: "",
                local: "",
                namespace: "",
            },
        }
    }

    #[inline(always)]
    fn step(&mut self) -> Result<Step<'a>, XmlError> {
        if self.owes_pop {
            self.owes_pop = false;
            if let Some(open) = self.stack.pop() {
                self.namespaces.truncate(open.outer);
            }
        }
        if self.owes_end {
            self.owes_end = false;
            self.owes_pop = true;
            let offset = self.stack.last().map_or(0, |open| open.offset);
            return Ok(Step::End { offset });
        }
        if self.pending.is_some() && self.text_is_over() {
            self.pending_bytes = 0;
            return Ok(self.pending.take().map_or(Step::Nothing, Step::Text));
        }
        self.token()
    }

    /// Whether what comes next is a tag or the end, so that no more character
    /// data can join what is pending.
    fn text_is_over(&self) -> bool {
        match self.text.as_bytes()[self.position..] {
            [b'<', b'!' | b'?', ..] => false,
            [b'<', ..] | [] => true,
            _ => false,
        }
    }

    /// Reads one token.
    #[inline(always)]
    fn token(&mut self) -> Result<Step<'a>, XmlError> {
        let start = self.position;
        let bytes = self.text.as_bytes();
        match bytes[start..] {
            [b'<', b'/', ..] => self.end_tag(start),
            [b'<', b'!' | b'?', ..] => self.rare_token(start),
            [b'<', ..] => self.start_tag(start),
            [b'&', ..] => self.reference(start),
            [] => self.end_of_input(),
            _ => {
                let end = find_either(bytes, start, b'<', b'&').unwrap_or(bytes.len());
                self.move_to(end)?;
                if self.is_whole_text(end - start) {
                    let value = Cow::Borrowed(&self.text[start..end]);
                    let offset = start;
                    return Ok(Step::Text(Text { value, offset }));
                }
                self.text_piece(&self.text[start..end], start)
            }
        }
    }

    /// The token just found ends at `end`.
    #[inline(always)]
    fn move_to(&mut self, end: usize) -> Result<(), XmlError> {
        self.position = end;
        if self.survey.first_invalid < end {
            return Err(self.invalid_char());
        }
        Ok(())
    }

    /// Whatever begins with `<!` or `<?`, by quick-xml.
    fn rare_token(&mut self, start: usize) -> Result<Step<'a>, XmlError> {
        let mut tokens = quick_xml::Reader::from_str(&self.text[start..]);
        let Ok(token) = tokens.read_event() else {
            return Err(self.rare_error(start));
        };
        self.move_to(start + tokens.buffer_position() as usize)?;
        let markup = &self.text[start..self.position];
        match token {
            Token::CData(_) => self.cdata(&markup[9..markup.len() - 3], start),
            Token::Comment(_) => {
                self.count_misc(markup, start)?;
                check_comment(markup, start).map(|()| Step::Nothing)
            }
            Token::PI(_) => {
                self.count_misc(markup, start)?;
                check_instruction(markup, start, &self.limits).map(|()| Step::Nothing)
            }
            Token::Decl(_) if start == 0 => check_declaration(markup).map(|()| Step::Nothing),
            Token::Decl(_) => Err(XmlError::new(Kind::MisplacedDeclaration, start)),
            Token::DocType(_) => Err(XmlError::new(Kind::Doctype, start)),
            _ => Err(XmlError::new(Kind::BadMarkup, start)),
        }
    }

    #[inline(always)]
    fn start_tag(&mut self, start: usize) -> Result<Step<'a>, XmlError> {
        let text = self.text;
        let name = read_name(text, start + 1, text.len(), &self.limits);
        let after_name = name.as_ref().map_or_else(
            |_| name_end(text, start + 1, text.len()),
            |name| start + 1 + name.qname.len(),
        );
        let Some(close) = tag_close(text.as_bytes(), after_name) else {
            return Err(self.open_tag_error(start));
        };
        self.move_to(close + 1)?;
        let empty = text.as_bytes()[close - 1] == b'/';
        let end = close - usize::from(empty);
        if after_name == start + 1 {
            return Err(XmlError::new(Kind::BadMarkup, start));
        }
        let (qname, prefix, local) = name?.parts();
        if self.stack.is_empty() && self.seen_root {
            let name = qname.to_owned();
            return Err(XmlError::new(Kind::SecondRoot { name }, start));
        }
        self.seen_root = true;
        self.elements += 1;
        if self.elements > self.limits.elements {
            let limit = self.limits.elements;
            return Err(XmlError::new(Kind::TooManyElements { limit }, start));
        }
        if self.stack.len() >= self.limits.depth {
            let limit = self.limits.depth;
            return Err(XmlError::new(Kind::TooDeep { limit }, start));
        }
        let outer = self.namespaces.len();
        self.attributes.clear();
        if after_name < end {
            let (list, scope) = (&mut self.attributes, &mut self.namespaces);
            read_attributes(text, after_name, end, &self.limits, list, scope)?;
        }
        let binding = match self.namespaces.find(prefix) {
            Some(binding) if prefix != "xmlns" => binding,
            _ => {
                let prefix = prefix.to_owned();
                return Err(XmlError::new(Kind::UnboundPrefix { prefix }, start));
            }
        };
        // Given on by value: what was just pushed would be slow to read back.
        let open = Open {
            qname,
            prefix,
            local,
            binding,
            outer,
            offset: start,
        };
        self.stack.push(open);
        self.owes_end = empty;
        Ok(Step::Start { open, empty })
    }

    #[inline(always)]
    fn end_tag(&mut self, start: usize) -> Result<Step<'a>, XmlError> {
        let bytes = self.text.as_bytes();
        // Nearly always it is the expected name and then `>`.
        if let Some(open) = self.stack.last()
            && let Some(rest) = bytes[start + 2..].strip_prefix(open.qname.as_bytes())
            && rest.first() == Some(&b'>')
        {
            let end = start + open.qname.len() + 3;
            self.move_to(end)?;
            self.owes_pop = true;
            return Ok(Step::End { offset: start });
        }
        let Some(length) = bytes[start..].iter().position(|&b| b == b'>') else {
            return Err(XmlError::new(Kind::UnclosedMarkup { what: "tag" }, start));
        };
        self.move_to(start + length + 1)?;
        let content = &self.text[start + 2..self.position - 1];
        let found = trim_end(content);
        let Some(open) = self.stack.last() else {
            let name = super::error_excerpt(found);
            return Err(XmlError::new(Kind::UnexpectedEndTag { name }, start));
        };
        if open.qname != found {
            return Err(self.mismatched(*open, found, start));
        }
        self.owes_pop = true;
        Ok(Step::End { offset: start })
    }

    /// Whether the piece of text just read is all there is between two tags,
    /// as it stands.
    #[inline(always)]
    fn is_whole_text(&self, length: usize) -> bool {
        self.pending.is_none()
            && !self.survey.has_cr
            && !self.survey.has_bracket
            && !self.stack.is_empty()
            && length <= self.limits.text
            && self.text_is_over()
    }

    fn text_piece(&mut self, piece: &'a str, start: usize) -> Result<Step<'a>, XmlError> {
        if self.stack.is_empty() {
            if is_blank(piece) {
                return Ok(Step::Nothing);
            }
            let at = piece.bytes().position(|b| !is_space(b)).unwrap_or(0);
            return Err(self.outside_root(&piece[at..], start + at));
        }
        if self.survey.has_bracket
            && let Some(at) = piece.find("]]>")
        {
            return Err(XmlError::new(Kind::CdataEndInText, start + at));
        }
        let piece = if self.survey.has_cr {
            normalise_line_ends(piece)
        } else {
            Cow::Borrowed(piece)
        };
        self.gather(piece, start)
    }

    /// Text before or after the root; where none comes, it is no XML.
    #[cold]
    fn outside_root(&self, found: &str, at: usize) -> XmlError {
        let json = found.starts_with(['{', '[', '"']);
        if self.seen_root || !json && self.text[at..].contains('<') {
            return XmlError::new(Kind::TextOutsideRoot, at);
        }
        let found = found.chars().take(SHOWN).collect();
        XmlError::new(Kind::NotXml { found }, at)
    }

    fn cdata(&mut self, piece: &'a str, start: usize) -> Result<Step<'a>, XmlError> {
        if self.stack.is_empty() {
            return Err(XmlError::new(Kind::CdataOutsideRoot, start));
        }
        self.gather(normalise_line_ends(piece), start)
    }

    fn reference(&mut self, start: usize) -> Result<Step<'a>, XmlError> {
        let rest = &self.text.as_bytes()[start + 1..];
        let ends = |b: &u8| matches!(b, b';' | b'&' | b'<');
        let length = rest.iter().position(ends);
        let Some(length) = length.filter(|&n| rest[n] == b';') else {
            return Err(XmlError::new(Kind::BadReference, start));
        };
        let name = &self.text[start + 1..start + 1 + length];
        self.move_to(start + length + 2)?;
        if self.stack.is_empty() {
            return Err(XmlError::new(Kind::TextOutsideRoot, start));
        }
        let c = resolve_reference(name, start)?;
        let mut buffer = [0; 4];
        self.gather(Cow::Owned(c.encode_utf8(&mut buffer).to_owned()), start)
    }

    /// Adds a piece of character data to what is pending; gives it away at
    /// once when nothing can follow, which spares it any copy.
    fn gather(&mut self, piece: Cow<'a, str>, start: usize) -> Result<Step<'a>, XmlError> {
        self.pending_bytes += piece.len();
        if self.pending_bytes > self.limits.text {
            let offset = self.pending.as_ref().map_or(start, |p| p.offset);
            let limit = self.limits.text;
            return Err(XmlError::new(Kind::TextTooLong { limit }, offset));
        }
        if let Some(pending) = &mut self.pending {
            pending.value.to_mut().push_str(&piece);
        } else if self.text_is_over() {
            self.pending_bytes = 0;
            return Ok(Step::Text(Text {
                value: piece,
                offset: start,
            }));
        } else {
            self.pending = Some(Text {
                value: piece,
                offset: start,
            });
        }
        Ok(Step::Nothing)
    }

    fn count_misc(&mut self, markup: &str, start: usize) -> Result<(), XmlError> {
        self.misc_count += 1;
        self.misc_bytes += markup.len();
        if self.misc_count > self.limits.misc_count {
            let limit = self.limits.misc_count;
            return Err(XmlError::new(Kind::TooManyComments { limit }, start));
        }
        if self.misc_bytes > self.limits.misc_bytes {
            let limit = self.limits.misc_bytes;
            return Err(XmlError::new(Kind::CommentsTooLong { limit }, start));
        }
        Ok(())
    }

    fn end_of_input(&mut self) -> Result<Step<'a>, XmlError> {
        match self.stack.last() {
            Some(open) => {
                let (name, line) = (open.qname.to_owned(), self.line(open.offset));
                Err(XmlError {
                    opened: Some(open.offset),
                    ..XmlError::new(Kind::UnclosedElement { name, line }, open.offset)
                })
            }
            None if self.seen_root => Ok(Step::Eof),
            None => Err(XmlError::new(Kind::NoRoot, self.text.len())),
        }
    }

    #[cold]
    fn mismatched(&self, open: Open<'a>, found: &str, start: usize) -> XmlError {
        let kind = Kind::MismatchedEndTag {
            expected: open.qname.to_owned(),
            found: super::error_excerpt(found),
            line: self.line(open.offset),
        };
        XmlError {
            opened: Some(open.offset),
            ..XmlError::new(kind, start)
        }
    }

    fn line(&self, offset: usize) -> u32 {
        Positions::new(self.text).at(offset).line
    }

    /// Says in our terms what quick-xml could not cut into a token at `start`.
    fn rare_error(&self, start: usize) -> XmlError {
        let rest = &self.text[start..];
        let unclosed = |what| Kind::UnclosedMarkup { what };
        let kind = if rest.starts_with("<!DOCTYPE") {
            Kind::Doctype
        } else if rest.starts_with("<!--") {
            unclosed("comment")
        } else if rest.starts_with("<![CDATA[") {
            unclosed("CDATA section")
        } else if rest.starts_with("<?") {
            unclosed("processing instruction")
        } else {
            Kind::BadMarkup
        };
        XmlError::new(kind, start)
    }

    /// An unclosed tag: most often a quote is missing, and then the first
    /// error inside is more telling than the missing `>`.
    fn open_tag_error(&self, at: usize) -> XmlError {
        let unclosed = XmlError::new(Kind::UnclosedMarkup { what: "tag" }, at);
        let end = self.text.len();
        let after_name = name_end(self.text, at + 1, end);
        if at + 1 == end {
            return XmlError::new(Kind::BadMarkup, at);
        }
        if after_name == at + 1 {
            return unclosed;
        }
        let (mut list, mut scope) = (Vec::new(), Namespaces::default());
        match read_attributes(
            self.text,
            after_name,
            end,
            &self.limits,
            &mut list,
            &mut scope,
        ) {
            Err(error) if matches!(error.kind, Kind::LtInAttribute | Kind::MissingSpace) => error,
            _ => unclosed,
        }
    }
}

/// Offset of the `>` that closes the start tag whose name ends at `at`.
fn tag_close(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'>' => return Some(at),
            quote @ (b'"' | b'\'') => {
                at += 1;
                at += bytes[at..].iter().position(|&b| b == quote)? + 1;
            }
            _ => at += 1,
        }
    }
}

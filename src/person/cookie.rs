//! The two cookies: that of a session, and that of a sign-in under way. Nothing of either stands in an address.

/// How the site is reached, which says what its cookies are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By https: the browser sends the cookies to this host alone, and never in the clear.
    Https,
    /// In the clear on this machine, for the demonstration and for trials.
    Loopback,
}

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// A session.
    Session,
    /// A sign-in under way.
    Login,
}

/// The longest list of cookies that is read.
const LONGEST: usize = 16 << 10;

impl Cookie {
    /// Its name. `__Host-` makes a browser refuse it from other hosts of the domain, and without Secure and Path=/.
    pub const fn name(self, transport: Transport) -> &'static str {
        match (self, transport) {
            (Self::Session, Transport::Https) => "__Host-dtr",
            (Self::Login, Transport::Https) => "__Host-dtr-login",
            (Self::Session, Transport::Loopback) => "dtr-demo",
            (Self::Login, Transport::Loopback) => "dtr-demo-login",
        }
    }

    /// The header value that sets it until the browser is closed. Lax: a provider's redirect back carries it, a form of
    /// another site does not.
    pub fn set(self, transport: Transport, value: &str) -> String {
        let secure = match transport {
            Transport::Https => "; Secure",
            Transport::Loopback => "",
        };
        let name = self.name(transport);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
    }

    /// The header value that removes it.
    pub fn clear(self, transport: Transport) -> String {
        format!("{}; Max-Age=0", self.set(transport, ""))
    }

    /// Its value in what a browser sent; none when there are two, for then nobody can tell which is ours.
    pub fn read(self, transport: Transport, headers: &[&str]) -> Option<String> {
        let length: usize = headers.iter().map(|header| header.len()).sum();
        if length > LONGEST {
            return None;
        }
        let pairs = headers.iter().flat_map(|header| header.split(';'));
        let own = pairs.filter_map(|pair| pair.trim().split_once('='));
        let mut own = own.filter(|(name, _)| *name == self.name(transport));
        let (_, value) = own.next()?;
        own.next().is_none().then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_this_host_alone() {
        let (https, loopback) = (Transport::Https, Transport::Loopback);
        assert_eq!(
            Cookie::Session.set(https, "x"),
            "__Host-dtr=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            Cookie::Login.clear(loopback),
            "dtr-demo-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        let read = |headers: &[&str]| Cookie::Session.read(https, headers);
        assert_eq!(
            read(&["a=b; __Host-dtr=x; __Host-dtr-login=y"]).as_deref(),
            Some("x")
        );
        assert_eq!(read(&["a=b", "__Host-dtr=x"]).as_deref(), Some("x"));
        // One that somebody else has planted beside ours.
        assert_eq!(read(&["__Host-dtr=x; __Host-dtr=y"]), None);
        assert_eq!(read(&["__Host-dtr=x", "__Host-dtr=y"]), None);
        assert_eq!(read(&["__host-dtr=x", "dtr-demo=x"]), None);
        let long = format!("__Host-dtr={}", "x".repeat(LONGEST));
        assert_eq!(read(&[&long]), None);
    }
}

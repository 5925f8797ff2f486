//! The head of a request, as an L7 balancer or a server reads it.

use super::rules::{HeaderMatch, RouteMatch};

/// The head of a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method, like `GET` or `POST`.
    pub method: &'a str,
    /// The host that the client asks for.
    pub host: &'a str,
    /// The path with the query.
    pub path: &'a str,
    /// Headers, name and value, in order.
    pub headers: &'a [(String, String)],
    /// Cookies, name and value, in order.
    pub cookies: &'a [(String, String)],
}

impl RequestHead<'_> {
    /// Whether the request fulfils the conditions of a rule.
    #[must_use]
    pub fn matches(&self, when: &RouteMatch) -> bool {
        let all = |wanted: Option<&String>, test: &dyn Fn(&str) -> bool| {
            wanted.is_none_or(|wanted| test(wanted))
        };
        all(when.path.as_ref(), &|prefix| self.path.starts_with(prefix))
            && all(when.contains.as_ref(), &|part| contains(self.path, part))
            && all(when.host.as_ref(), &|host| {
                self.host.eq_ignore_ascii_case(host)
            })
            && all(when.method.as_ref(), &|method| self.method == method)
            && when
                .header
                .as_ref()
                .is_none_or(|pair| self.has_header(pair))
            && when
                .cookie
                .as_ref()
                .is_none_or(|pair| self.has_cookie(pair))
    }

    /// Whether the request has a header of this name (ignoring case) and value.
    #[must_use]
    pub fn has_header(&self, wanted: &HeaderMatch) -> bool {
        self.headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case(&wanted.name) && fits(wanted, value))
    }

    fn has_cookie(&self, wanted: &HeaderMatch) -> bool {
        self.cookies
            .iter()
            .any(|(name, value)| *name == wanted.name && fits(wanted, value))
    }
}

fn fits(wanted: &HeaderMatch, value: &str) -> bool {
    wanted.value.as_ref().is_none_or(|wanted| wanted == value)
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase()
        .contains(&part.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: Option<&str>) -> Option<HeaderMatch> {
        Some(HeaderMatch {
            name: name.to_string(),
            value: value.map(str::to_string),
        })
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_string())
    }

    #[test]
    fn every_condition_that_is_said_must_hold() {
        let headers = [("Content-Type".to_string(), "application/grpc".to_string())];
        let cookies = [("group".to_string(), "b".to_string())];
        let letter = RequestHead {
            method: "POST",
            host: "Shop.example",
            path: "/cart.Service/7?q=' OR 1=1",
            headers: &headers,
            cookies: &cookies,
        };
        let cases = [
            (RouteMatch::default(), true),
            (
                RouteMatch {
                    path: some("/cart"),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    path: some("cart"),
                    ..RouteMatch::default()
                },
                false,
            ),
            (
                RouteMatch {
                    contains: some("' or 1=1"),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    contains: some("union"),
                    ..RouteMatch::default()
                },
                false,
            ),
            (
                RouteMatch {
                    host: some("shop.EXAMPLE"),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    method: some("GET"),
                    ..RouteMatch::default()
                },
                false,
            ),
            (
                RouteMatch {
                    header: pair("content-type", Some("application/grpc")),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    header: pair("content-type", None),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    header: pair("authorization", None),
                    ..RouteMatch::default()
                },
                false,
            ),
            (
                RouteMatch {
                    cookie: pair("group", Some("b")),
                    ..RouteMatch::default()
                },
                true,
            ),
            (
                RouteMatch {
                    cookie: pair("Group", Some("b")),
                    ..RouteMatch::default()
                },
                false,
            ),
            (
                RouteMatch {
                    path: some("/cart"),
                    cookie: pair("group", Some("a")),
                    ..RouteMatch::default()
                },
                false,
            ),
        ];
        for (when, expected) in cases {
            assert_eq!(letter.matches(&when), expected, "{when:?}");
        }
    }
}

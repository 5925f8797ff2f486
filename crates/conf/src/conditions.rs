//! Joins the conditions of two rules.

use evenkeel_sim::balance::l7::rules::RouteMatch;

/// The condition that both hold; `None` if both test the same part of a request, which a rule of the scene cannot.
pub(super) fn both(one: &RouteMatch, other: &RouteMatch) -> Option<RouteMatch> {
    fn either<T: Clone>(one: &Option<T>, other: &Option<T>) -> Option<Option<T>> {
        match (one, other) {
            (Some(_), Some(_)) => None,
            (Some(only), None) | (None, Some(only)) => Some(Some(only.clone())),
            (None, None) => Some(None),
        }
    }
    Some(RouteMatch {
        path: either(&one.path, &other.path)?,
        contains: either(&one.contains, &other.contains)?,
        host: either(&one.host, &other.host)?,
        method: either(&one.method, &other.method)?,
        header: either(&one.header, &other.header)?,
        cookie: either(&one.cookie, &other.cookie)?,
    })
}

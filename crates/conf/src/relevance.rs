//! Which settings that are not simulated bear on balancing. The others (logs, users, certificates, buffers) are told
//! together.

use super::message::ConfigMessage;

/// The first words of settings that decide where requests go, how many, when they fail and what happens then; and of
/// those with a second word, both.
const BEARING: &[&str] = &[
    // nginx
    "delay",
    "geo",
    "health_check",
    "keepalive",
    "keepalive_requests",
    "keepalive_time",
    "least_conn",
    "limit_conn",
    "limit_conn_zone",
    "limit_req",
    "limit_req_zone",
    "location",
    "map",
    "match",
    "mirror",
    "ntlm",
    "proxy_bind",
    "proxy_cache",
    "proxy_connect_timeout",
    "proxy_next_upstream",
    "proxy_next_upstream_timeout",
    "proxy_next_upstream_tries",
    "proxy_pass",
    "proxy_protocol",
    "proxy_read_timeout",
    "proxy_requests",
    "proxy_responses",
    "proxy_send_timeout",
    "proxy_timeout",
    "queue",
    "resolver",
    "resolver_timeout",
    "rewrite",
    "server",
    "set",
    "slow_start",
    "split_clients",
    "sticky",
    "udp",
    "upstream",
    "worker_connections",
    "worker_processes",
    "grpc_connect_timeout",
    "grpc_next_upstream",
    "grpc_read_timeout",
    "grpc_send_timeout",
    "fastcgi_next_upstream",
    "fastcgi_read_timeout",
    "uwsgi_next_upstream",
    "uwsgi_read_timeout",
    "return",
    "if",
    "error_page",
    "drain",
    "route",
    "consistent",
    "http_502",
    "http_504",
    "http_403",
    "http_404",
    "http_429",
    "invalid_header",
    "updating",
    "auth_request",
    "internal",
    "zone",
    "state",
    "fair",
    "check",
    "session_sticky",
    // HAProxy
    "acl",
    "agent-addr",
    "agent-check",
    "agent-inter",
    "agent-port",
    "agent-send",
    "balance",
    "cookie",
    "default_backend",
    "external-check",
    "fullconn",
    "http-check",
    "http-request",
    "http-reuse",
    "init-addr",
    "load-server-state-from-file",
    "max-reuse",
    "maxconn",
    "minconn",
    "nbproc",
    "nbthread",
    "on-marked-down",
    "on-marked-up",
    "option",
    "pool-low-conn",
    "port",
    "redirect",
    "resolvers",
    "retries",
    "retry-on",
    "source",
    "stick",
    "stick-table",
    "tcp-check",
    "tcp-request",
    "timeout",
    "track",
    "unique-id-format",
    "use-server",
    "use_backend",
    "rate-limit",
    "force-persist",
    "ignore-persist",
    "persist",
    "monitor",
    "peers",
    "fcgi-app",
    "server-state-file",
    "addr",
    "non-stick",
    "track-sc0",
    "track-sc1",
    "track-sc2",
    "junk-response",
    "resolve-opts",
    "id",
    "weight",
    "backup",
];

/// Of `option`, `http-request` and `timeout`: what follows, and does not bear.
const NOT_BEARING: &[&str] = &[
    "option accept-invalid-http-request",
    "option accept-invalid-http-response",
    "option contstats",
    "option dontlog-normal",
    "option dontlognull",
    "option http-ignore-probes",
    "option httplog",
    "option log-health-checks",
    "option log-separate-errors",
    "option logasap",
    "option nolinger",
    "option socket-stats",
    "option splice-auto",
    "option splice-request",
    "option splice-response",
    "option tcp-smart-accept",
    "option tcp-smart-connect",
    "option tcpka",
    "option clitcpka",
    "option srvtcpka",
    "option tcplog",
    "option http-no-delay",
    "option forwardfor",
    "option originalto",
    "option httpslog",
    "http-request add-header",
    "http-request capture",
    "http-request del-header",
    "http-request set-header",
    "http-request set-log-level",
    "http-request replace-header",
    "timeout client",
    "timeout http-keep-alive",
    "timeout client-fin",
    "timeout server-fin",
];

impl ConfigMessage {
    /// Whether the message bears on which server gets a request, or on what becomes of it.
    #[must_use]
    pub fn bears_on_balancing(&self) -> bool {
        let Self::NotSimulated { what } = self else {
            return true;
        };
        let mut words = what.split([' ', '=', '(']).filter(|word| *word != "no");
        let (first, second) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        BEARING.contains(&first) && !NOT_BEARING.contains(&format!("{first} {second}").as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_do_not_bear_and_stickiness_does() {
        for (what, bears) in [
            ("access_log", false),
            ("option httplog", false),
            ("no option httplog", false),
            ("option tcp-check", true),
            ("stick-table", true),
            ("timeout client", false),
            ("timeout tunnel", true),
            ("location /a", true),
            ("user", false),
        ] {
            let message = ConfigMessage::NotSimulated {
                what: what.to_owned(),
            };
            assert_eq!(message.bears_on_balancing(), bears, "{what}");
        }
    }
}

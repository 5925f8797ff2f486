//! The readers' verdict on a text, error or not, is that of the program itself: `nginx -t` and `haproxy -c`.
//!
//! Left out is what the readers cannot know: files, names and rights that are not there, directives of nginx that have
//! nothing to do with balancing, and HAProxy's wish for a line end after the last line.

use std::process::Command;

use evenkeel::conf::diagnostic::Severity;
use evenkeel::conf::{ConfigFormat, ImportChoice, import_choice};
use evenkeel::sim::scenario::preset::default_scenario;

use crate::conf_programs::{Program, folder};

/// What stands in an `upstream u`, beside others.
const UPSTREAMS: &[&str] = &[
    "server 127.0.0.1:1;",
    "server 127.0.0.1;",
    "server unix:/tmp/u.sock;",
    "server 127.0.0.1:1 weight=100 max_fails=0 fail_timeout=5 max_conns=3;",
    "server 127.0.0.1:1 fail_timeout=1m30s;",
    "server 127.0.0.1:1; server 127.0.0.1:1;",
    "server 127.0.0.1:1; server 127.0.0.1:2 backup;",
    "server 127.0.0.1:1; server 127.0.0.1:2 down;",
    "server 127.0.0.1:1; keepalive 3; keepalive_timeout 5s;",
    "least_conn; server 127.0.0.1:1;",
    "ip_hash; server 127.0.0.1:1;",
    "random; server 127.0.0.1:1;",
    "random two least_conn; server 127.0.0.1:1;",
    "hash $request_uri; server 127.0.0.1:1;",
    "hash $cookie_a consistent; server 127.0.0.1:1;",
    "zone u 64k; server 127.0.0.1:1;",
    "server 127.0.0.1:1 # a comment\n;",
    "server\n127.0.0.1:1\nweight=2\n;",
    "server \"127.0.0.1:1\" 'weight=2';",
    "",
    "zone u 64k;",
    "server;",
    "server 127.0.0.1:1 weight=0;",
    "server 127.0.0.1:1 weight=x;",
    "server 127.0.0.1:1 weight=;",
    "server 127.0.0.1:1 weight=-1;",
    "server 127.0.0.1:1 weight=1.5;",
    "server 127.0.0.1:1 max_fails=x;",
    "server 127.0.0.1:1 max_conns=x;",
    "server 127.0.0.1:1 fail_timeout=;",
    "server 127.0.0.1:1 fail_timeout;",
    "server 127.0.0.1:1 fail_timeout=5x;",
    "server 127.0.0.1:1 fail_timeout=5s3m;",
    "server 127.0.0.1:1 nonsense;",
    "server 127.0.0.1:1 wieght=3;",
    "keepalive 0; server 127.0.0.1:1;",
    "keepalive x; server 127.0.0.1:1;",
    "keepalive; server 127.0.0.1:1;",
    "least_conn x; server 127.0.0.1:1;",
    "ip_hash x; server 127.0.0.1:1;",
    "hash; server 127.0.0.1:1;",
    "hash $uri inconsistent; server 127.0.0.1:1;",
    "random three; server 127.0.0.1:1;",
    "random two slow; server 127.0.0.1:1;",
    "server 127.0.0.1:1",
    "server 127.0.0.1:1; }",
    "server 127.0.0.1:1; {",
    "server 127.0.0.1:1;;",
    "server \"127.0.0.1:1;",
    "server 127.0.0.1:1 backup;",
    "ip_hash; server 127.0.0.1:1; server 127.0.0.1:2 backup;",
    "hash $uri; server 127.0.0.1:1; server 127.0.0.1:2 backup;",
    "random; server 127.0.0.1:1; server 127.0.0.1:2 backup;",
];

/// What stands in `http`, beside an upstream `u`.
const HTTPS: &[&str] = &[
    "server { listen 8081; location / { proxy_pass http://u; } }",
    "server { listen 8081; location / { proxy_pass http://127.0.0.1:3; } }",
    "upstream v { server 127.0.0.1:2; } server { listen 8081; location / { proxy_pass http://v; } }",
    "upstream server { server 127.0.0.1:2; } upstream a_by_lua { server 127.0.0.1:2; }",
    "upstream u { server 127.0.0.1:2; }",
    "upstream { server 127.0.0.1:2; }",
    "split_clients \"$remote_addr\" $v { 10% u; * u; } server { location / { proxy_pass http://$v; } }",
    "split_clients \"$remote_addr\" $v { 60% u; 60% u; } server { location / { proxy_pass http://$v; } }",
    "map $host $v { default u; a.example u; } server { location / { proxy_pass http://$v; } }",
    "map $host $v { hostnames; .a.example u; default u; } server { location / { proxy_pass http://$v; } }",
    "map $uri $v { ~^/a u; default u; } server { location / { proxy_pass http://$v; } }",
    "geo $v { default u; 10.0.0.0/8 u; } server { location / { proxy_pass http://$v; } }",
    "server { set $v u; location / { proxy_pass http://$v; } }",
    "server { location / { proxy_pass http://u; proxy_next_upstream error timeout http_503; } }",
    "server { location / { proxy_pass http://u; proxy_next_upstream off; } }",
    "server { location / { proxy_pass http://u; proxy_next_upstream http_418; } }",
    "server { location / { proxy_pass http://u; proxy_next_upstream_tries x; } }",
    "server { location / { proxy_pass http://u; proxy_read_timeout 5s; } }",
    "server { location / { proxy_pass http://u; proxy_read_timeout x; } }",
    "server { location / { proxy_pass http://u; proxy_read_timeout 5 s; } }",
    "limit_req_zone $binary_remote_addr zone=a:1m rate=5r/s; server { limit_req zone=a burst=5; location / { proxy_pass http://u; } }",
    "limit_req_zone $binary_remote_addr zone=a:1m rate=5; server { location / { proxy_pass http://u; } }",
    "limit_req_zone $binary_remote_addr zone=a:1m rate=5r/s; server { limit_req zone=a burst=x; location / { proxy_pass http://u; } }",
    "server { location / { proxy_pass http://u; } location /a { return 403; } location /b { deny all; } }",
    "server { if ($host = a) { return 403; } location / { proxy_pass http://u; } }",
    "server { location / { proxy_pass http://u;\r\n\t} }\r\n",
];

/// What stands in a `listen shop` at L7.
const LISTENS: &[&str] = &[
    "server a 127.0.0.1:1",
    "server a 127.0.0.1:1 check inter 1s fall 2 rise 3",
    "server a 127.0.0.1:1 weight 256 maxconn 5 maxqueue 3",
    "server a 127.0.0.1:1 weight 0",
    "server a 127.0.0.1:1\n server b 127.0.0.1:2 backup\n option allbackups",
    "server a 127.0.0.1:1 disabled",
    "server a 127.0.0.1:1 check observe layer7 error-limit 3 on-error mark-down",
    "server a \"127.0.0.1:1\" # a comment",
    "server a 127.0.0.1:1 cookie a\n cookie C insert indirect nocache",
    "server-template web 1-3 127.0.0.1:1",
    "server-template web 3 127.0.0.1:1 check",
    "balance roundrobin\n server a 127.0.0.1:1",
    "balance static-rr\n server a 127.0.0.1:1",
    "balance leastconn\n server a 127.0.0.1:1",
    "balance first\n server a 127.0.0.1:1 maxconn 3",
    "balance source\n hash-type consistent sdbm avalanche\n server a 127.0.0.1:1",
    "balance uri\n hash-balance-factor 150\n hash-type consistent\n server a 127.0.0.1:1",
    "balance hdr(host)\n server a 127.0.0.1:1",
    "balance url_param id\n server a 127.0.0.1:1",
    "balance random(3)\n server a 127.0.0.1:1",
    "retries 3\n option redispatch\n retry-on conn-failure 503\n server a 127.0.0.1:1",
    "acl a path_beg /a\n http-request deny if a\n server a 127.0.0.1:1",
    "acl a path_beg /a\n use_backend other if a\n server a 127.0.0.1:1",
    "default_backend other",
    "use_backend none if { path /a }\n server a 127.0.0.1:1",
    "use_backend %[req.hdr(host),lower]\n server a 127.0.0.1:1",
    "use_backend idle if { path /a }\n server a 127.0.0.1:1",
    ".if defined(X)\n server a 127.0.0.1:1\n .else\n server a 127.0.0.1:2\n .endif",
    "timeout queue 5s\n timeout check 2s\n server a 127.0.0.1:1",
    "\tserver\ta\t127.0.0.1:1\r",
    "server a",
    "server",
    "server a 127.0.0.1:1\n server a 127.0.0.1:2",
    "server a 127.0.0.1:1 nonsense",
    "server a 127.0.0.1:1 weight 257",
    "server a 127.0.0.1:1 weight x",
    "server a 127.0.0.1:1 weight",
    "server a 127.0.0.1:1 weight -1",
    "server a 127.0.0.1:1 maxconn x",
    "server a 127.0.0.1:1 check inter x",
    "server a 127.0.0.1:1 check inter",
    "server a 127.0.0.1:1 check fall x",
    "server a 127.0.0.1:1 check fall 0",
    "server a 127.0.0.1:1 check observe layer8",
    "server a 127.0.0.1:1 check on-error sometimes",
    "server-template web x 127.0.0.1:1",
    "server-template web 3-1 127.0.0.1:1",
    "balance fastest\n server a 127.0.0.1:1",
    "balance\n server a 127.0.0.1:1",
    "balance random(0)\n server a 127.0.0.1:1",
    "hash-type sometimes\n server a 127.0.0.1:1",
    "contimeout 5000\n server a 127.0.0.1:1",
    "srvtimeout 5000\n server a 127.0.0.1:1",
    "redispatch\n server a 127.0.0.1:1",
    "reqadd X:\\ y\n server a 127.0.0.1:1",
    "retries x\n server a 127.0.0.1:1",
    "retries\n server a 127.0.0.1:1",
    "retry-on sometimes\n server a 127.0.0.1:1",
    "timeout server x\n server a 127.0.0.1:1",
    "timeout server\n server a 127.0.0.1:1",
    "timeout sever 5s\n server a 127.0.0.1:1",
    "mode udp\n server a 127.0.0.1:1",
    "mode\n server a 127.0.0.1:1",
    "default_backend nowhere",
    "server a \"127.0.0.1:1",
    "hash-balance-factor x\n server a 127.0.0.1:1",
    "hash-balance-factor 50\n server a 127.0.0.1:1",
    "cookie\n server a 127.0.0.1:1",
];

/// The two sides of a text's verdict that differ, if they do.
fn differs(program: &Program, name: usize, text: &str) -> Option<String> {
    let folder = folder(&format!("verdict-{}-{name}", program.dialect.id()));
    let file = folder.join("text.conf");
    std::fs::write(&file, text).expect("a file for the program");
    let mut command = Command::new(&program.path);
    match program.dialect {
        ConfigFormat::Nginx => command.args(["-t", "-q", "-e", "stderr", "-c"]).arg(&file),
        _ => command.args(["-c", "-q", "-f"]).arg(&file),
    };
    let output = command.output().expect("the program runs");
    std::fs::remove_dir_all(folder).expect("the folder is ours");
    let choice = ImportChoice {
        format: Some(program.dialect),
        listener: None,
    };
    let import = import_choice(text, &default_scenario(), &choice);
    let is_error = |severity| severity == Severity::Error;
    let errors: Vec<String> = import
        .diagnostics
        .iter()
        .filter(|one| is_error(one.severity()))
        .map(ToString::to_string)
        .collect();
    (output.status.success() != errors.is_empty()).then(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!(
            "{text:?}\n  program: {}\n  reader: {errors:?}\n",
            said.trim()
        )
    })
}

/// Compares all texts; `known` are those whose difference is told at the top.
fn compare(dialect: ConfigFormat, texts: &[String]) {
    let Some(program) = Program::find(dialect) else {
        return;
    };
    let found: Vec<String> = { texts.iter().enumerate() }
        .filter_map(|(name, text)| differs(&program, name, text))
        .collect();
    let (count, all) = (found.len(), texts.len());
    assert!(found.is_empty(), "{count} of {all}:\n{}", found.join("\n"));
}

#[test]
fn what_nginx_refuses_is_an_error() {
    let upstream = |inside: &&str| {
        format!(
            "events {{}}\nhttp {{\nupstream u {{\n{inside}\n}}\nserver {{ listen 8081; location / {{ proxy_pass http://u; }} }}\n}}\n"
        )
    };
    let http = |inside: &&str| {
        format!("events {{}}\nhttp {{\nupstream u {{ server 127.0.0.1:9; }}\n{inside}\n}}\n")
    };
    let mut texts: Vec<String> = UPSTREAMS.iter().map(upstream).collect();
    texts.extend(HTTPS.iter().map(http));
    texts.push(format!("\u{feff}{}", texts[0]));
    texts.push(texts[0].replace('\n', "\r\n"));
    texts.push(texts[0].trim_end().to_owned());
    compare(ConfigFormat::Nginx, &texts);
}

#[test]
fn what_haproxy_refuses_is_an_error() {
    let listen = |inside: &&str| {
        format!(
            "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nlisten shop\n bind 127.0.0.1:8081\n {inside}\nbackend other\n server a 127.0.0.1:3\nbackend idle\n"
        )
    };
    let mut texts: Vec<String> = LISTENS.iter().map(listen).collect();
    let head =
        "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n";
    for rest in [
        "frontend api\n bind 127.0.0.1:8081\n default_backend api\nbackend api\n server a 127.0.0.1:1\n",
        "listen c\n bind 127.0.0.1:8081\n server a 127.0.0.1:1\nbackend b\n server a 127.0.0.1:1\n",
        "listen c\n bind 127.0.0.1:8081\nbackend a\n server a 127.0.0.1:1\nbackend a\n server b 127.0.0.1:2\n",
        "listen a\n bind 127.0.0.1:8081\n server a 127.0.0.1:1\nbackend a\n server b 127.0.0.1:2\n",
        "frontend a\n bind 127.0.0.1:8081\n default_backend b\nlisten b\n bind 127.0.0.1:8082\n server a 127.0.0.1:1\n",
        "listen c\n bind 127.0.0.1:8081\nbackend\n server a 127.0.0.1:1\n",
        "listen a\n bind 127.0.0.1:8081\n timeout server \"${EVENKEEL_NONE-5s}\"\n server a 127.0.0.1:1\n",
    ] {
        texts.push(format!("{head}{rest}"));
    }
    texts.push(format!("\u{feff}{}", texts[0]));
    texts.push(texts[0].replace('\n', "\r\n"));
    texts.push("server a 127.0.0.1:1\nbackend b\n server a 127.0.0.1:1\n".to_owned());
    compare(ConfigFormat::Haproxy, &texts);
}

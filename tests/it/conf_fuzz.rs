//! Damaged configurations: whatever is pasted comes to a scene that is valid or to none, with remarks
//! at places that exist; never a panic, never a hang. `make fuzz` reads far more than a usual run.

use std::time::Duration;

use cpu_time::ThreadTime;
use evenkeel::conf::diagnostic::Diagnostics;
use evenkeel::conf::haproxy::tree::parse as parse_haproxy;
use evenkeel::conf::highlight::pieces;
use evenkeel::conf::nginx::tree::parse as parse_nginx;
use evenkeel::conf::{ConfigFormat, MAX_TEXT, export, import};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::scenario::validate::faults;

use super::cases::cases;
use super::conf_scenes::random_scenes;
use super::mutate::Mutator;

/// Pieces that mean something to one of the readers.
const PIECES: &[&str] = &[
    "{",
    "}",
    ";",
    "\"",
    "'",
    "#",
    "\\",
    "\n",
    "\r\n",
    "$",
    "${",
    " ",
    "\t",
    "\0",
    "\u{202e}",
    "é",
    "server",
    "upstream",
    "location",
    "listen",
    "hash",
    "random two",
    "weight=",
    "99999999999999999999",
    "-1",
    "max_fails=0",
    "fail_timeout=1y",
    "proxy_pass http://",
    "content_by_lua_block {",
    "if",
    "\nbackend x\n",
    "\nfrontend y\n",
    "\ndefaults\n",
    "\nserver a :1 check",
    "balance random(0)",
    "use_backend z if { path_beg / }",
    "acl a hdr(host) -i b",
    "maxconn 4294967295",
    "rise 0",
    "timeout server 99999d",
    "limit_req zone=a burst=9",
    "[::1]:80",
    "unix:/x",
    "a{a{a{a{",
    "if ($uri ~ ^/a) { return 403; }",
    "if ($http_x = \"\") { set $rule1 \"${rule1}+\"; }",
    "set $way \"\";",
    "split_clients \"$request_id\" $split1 { 50% a; * b; }",
    "http-request deny deny_status 401 unless { http_auth(u) }",
    "http-request track-sc0 src table b",
    "{ sc_gpc0_rate(0) ge 5 }",
    "{ rand(100) lt 10 }",
    "!{ req.hdr(a) -m found }",
    "stick-table type ip size 1k store gpc0_rate(0)",
];

/// Removes, inserts, doubles or replaces a stretch of at most 40 bytes.
fn damage(mutator: &mut Mutator, text: &mut String) {
    let (one, two) = (mutator.place(text), mutator.place(text));
    let (from, to) = (one.min(two), one.max(two));
    let near = (from..=to.min(from + 40))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(from);
    match mutator.below(4) {
        0 => text.replace_range(from..near, ""),
        1 => text.insert_str(from, mutator.one(PIECES)),
        2 => {
            let copy = text[from..near].to_owned();
            text.insert_str(near, &copy);
        }
        _ => text.replace_range(from..near, mutator.one(PIECES)),
    }
}

fn damaged_texts_are_read(dialect: ConfigFormat, seed: u64) {
    let scene = default_scenario();
    let sources: Vec<String> = random_scenes(40)
        .iter()
        .map(|scene| export(scene, dialect))
        .collect();
    let mut mutator = Mutator::new(seed);
    for round in 0..cases(200) {
        let mut text = mutator.one(&sources);
        for _ in 0..=mutator.below(8) {
            damage(&mut mutator, &mut text);
        }
        // Each reader gets every text, not only the one it looks like.
        parse_nginx(&text, &mut Diagnostics::default());
        parse_haproxy(&text, &mut Diagnostics::default());
        check(&text, &scene, round);
    }
}

fn check(text: &str, scene: &Scenario, round: u32) {
    let began = ThreadTime::now();
    let import = import(text, scene);
    if let Some(found) = &import.scene {
        assert_eq!(faults(found), [], "round {round}: {text}");
    }
    for one in &import.diagnostics {
        let span = one.span;
        assert!(
            text.get(span.from..span.to).is_some(),
            "round {round}: {one} in {text}"
        );
        assert!(
            !one.message.to_string().is_empty(),
            "round {round}: {one:?}"
        );
    }
    for dialect in ConfigFormat::ALL {
        let whole: String = pieces(text, dialect)
            .iter()
            .map(|(_, piece)| *piece)
            .collect();
        assert_eq!(whole, text, "round {round}");
    }
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "round {round}: {text}"
    );
}

#[test]
fn damaged_nginx_texts_are_read() {
    damaged_texts_are_read(ConfigFormat::Nginx, 1);
}

#[test]
fn damaged_haproxy_texts_are_read() {
    damaged_texts_are_read(ConfigFormat::Haproxy, 2);
}

#[test]
fn the_largest_texts_of_the_worst_kinds_are_read_in_time() {
    for piece in [
        "a{",
        "{",
        "}",
        ";",
        "a ",
        "a;",
        "\"",
        "'",
        "\\",
        "#",
        "$",
        "\n",
        "server 10.0.0.1:80;\n",
        "backend b\nserver a 10.0.0.1:80\n",
        "backend b\n",
        "é",
        "upstream a { server b:1; }\n",
        "server { proxy_pass http://$w; set $w a; if ($host = b) { return 403; } }\n",
        "frontend f\nuse_backend b if { path_beg /a }\nacl a path_beg /b\n",
    ] {
        read_in_time(piece, &piece.repeat(MAX_TEXT / piece.len()));
    }
}

/// Many lines of a kind, each a little different, around something that makes each of them look at all
/// the others.
#[test]
fn the_largest_lists_are_read_in_time() {
    let nginx = "upstream u { server b:1; }\nserver { proxy_pass http://$w;\nset $w u;\nif ($http_a = b) { set $w u; }\n";
    let haproxy = "backend b\nserver a :1\nfrontend f\nmode http\ndefault_backend b\n";
    for (start, line) in [
        (nginx, "set $@ b;\n"),
        (nginx, "set $@ $remote_addr;\n"),
        (nginx, "if ($host = @) { return 403; }\n"),
        (nginx, "location /@ { root /a; }\n"),
        (nginx, "location /@ { proxy_pass http://u; }\n"),
        (nginx, "limit_req zone=@;\n"),
        (haproxy, "acl @ path_beg /a\nuse_backend b if @\n"),
        (haproxy, "acl a path_beg /@\nuse_backend b if a\n"),
        (haproxy, "http-request deny if { path_beg /@ }\n"),
        (haproxy, "http-request track-sc@ src\n"),
        (
            haproxy,
            "http-request set-var(txn.@) rand(9)\nuse_backend b if { var(txn.@) -m int lt 5 }\n",
        ),
        (
            haproxy,
            "stick-table type ip store gpc0_rate(1s)\nbackend @\n",
        ),
    ] {
        let mut text = start.to_owned();
        let mut number = 0;
        while text.len() + line.len() + 20 < MAX_TEXT {
            text += &line.replace('@', &number.to_string());
            number += 1;
        }
        read_in_time(line, &text);
    }
}

fn read_in_time(piece: &str, text: &str) {
    let began = ThreadTime::now();
    let found = import(text, &default_scenario());
    assert!(
        found.scene.is_none_or(|scene| faults(&scene).is_empty()),
        "{piece:?}"
    );
    // Processor time of this thread, which a busy machine hardly changes. A quadratic reader would take minutes.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{piece:?}: {:?}",
        began.elapsed()
    );
}

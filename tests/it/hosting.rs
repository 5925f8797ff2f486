//! What `docs/EMBEDDING.md` and `deploy/` tell hosts to send is sent, by the real programs where they are installed:
//! the header without which a sandboxed frame loads nothing, and the type of the program.
#![allow(
    clippy::disallowed_methods,
    reason = "a native test with real programs and real time"
)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::conf_programs::{find, folder};
use crate::conf_real::{PATIENCE, Running, connect};

/// The snippet of the section on hosting whose block begins with this line.
fn snippet(fence: &str) -> String {
    let text = std::fs::read_to_string("docs/EMBEDDING.md").expect("the document");
    let (_, section) = text.split_once("## Host the files").expect("the section");
    let (_, rest) = section.split_once(fence).expect("the block");
    let (text, _) = rest.split_once("\n```").expect("it ends");
    text.trim().to_owned()
}

/// A folder that is served, with a program and a page in `evenkeel/`.
fn site(name: &str) -> PathBuf {
    let root = folder(name);
    let inner = root.join("evenkeel");
    std::fs::create_dir(&inner).expect("a folder");
    std::fs::write(inner.join("page.wasm"), b"\0asm\x01\0\0\0").expect("a file");
    std::fs::write(inner.join("index.html"), "<title>x</title>").expect("a file");
    root
}

fn spare() -> SocketAddr {
    let spare = TcpListener::bind("127.0.0.1:0").expect("a free port");
    spare.local_addr().expect("it has an address")
}

/// Starts a program, waits until it listens, and gives the heads of its answers for two paths.
fn heads(command: &mut Command, at: SocketAddr, paths: [&str; 2]) -> [String; 2] {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running(command.spawn().expect("the program starts"));
    let begun = Instant::now();
    while TcpStream::connect(at).is_err() {
        assert!(begun.elapsed() < PATIENCE, "it listens");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let heads = paths.map(|path| {
        let mut stream = connect(at, Ipv4Addr::LOCALHOST);
        let text = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).expect("it can be sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        answer
            .split("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    drop(running);
    heads
}

fn are_as_needed([program, page]: &[String; 2]) {
    for head in [program, page] {
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("access-control-allow-origin: *"), "{head}");
        assert!(!head.contains("x-frame-options"), "{head}");
    }
    assert!(
        program.contains("content-type: application/wasm"),
        "{program}"
    );
    assert!(page.contains("content-type: text/html"), "{page}");
}

#[test]
fn nginx_sends_what_the_docs_say() {
    let Some(program) = find("nginx") else { return };
    let (root, at) = (site("hosting-nginx"), spare());
    let text = snippet("```nginx");
    let (lines, types) = text.split_once("# types:").expect("the type is told");
    let file = root.join("nginx.conf");
    let (pid, root_text) = (root.join("pid"), root.display());
    let whole = format!(
        "daemon off; master_process off; pid {};\nevents {{}}\nhttp {{\n access_log off;\n \
         types {{ text/html html; {types} }}\n server {{\n listen {at};\n root {root_text};\n {lines}\n }}\n}}\n",
        pid.display()
    );
    std::fs::write(&file, whole).expect("a file");
    let mut command = Command::new(program);
    command.args(["-e", "stderr", "-c"]).arg(&file);
    are_as_needed(&heads(
        &mut command,
        at,
        ["/evenkeel/page.wasm", "/evenkeel/"],
    ));
    std::fs::remove_dir_all(root).expect("the folder is ours");
}

fn caddy(text: &str, root: &Path, at: SocketAddr, paths: [&str; 2]) {
    let Some(program) = find("caddy") else { return };
    let file = root.join("Caddyfile");
    std::fs::write(
        &file,
        format!("{{\n\tadmin off\n\tauto_https off\n}}\n{text}"),
    )
    .expect("a file");
    let mut command = Command::new(program);
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&file);
    // It keeps what it knows in the home folder.
    command.env("HOME", root);
    are_as_needed(&heads(&mut command, at, paths));
}

#[test]
fn caddy_sends_what_the_docs_say() {
    let (root, at) = (site("hosting-caddy"), spare());
    let lines = snippet("```\nheader").replace("/evenkeel/*", "header /evenkeel/*");
    let text = format!(
        "http://{at} {{\n\troot * {}\n\tfile_server\n\t{lines}\n}}\n",
        root.display()
    );
    caddy(&text, &root, at, ["/evenkeel/page.wasm", "/evenkeel/"]);
    std::fs::remove_dir_all(root).expect("the folder is ours");
}

#[test]
fn caddy_serves_by_the_file_in_deploy() {
    let (root, at) = (site("hosting-deploy"), spare());
    let text = std::fs::read_to_string("deploy/Caddyfile").expect("the file");
    let inner = root.join("evenkeel").display().to_string();
    let text = text
        .replacen(":8080", &format!("http://{at}"), 1)
        .replacen("/srv", &inner, 1);
    caddy(&text, &root, at, ["/page.wasm", "/"]);
    std::fs::remove_dir_all(root).expect("the folder is ours");
}

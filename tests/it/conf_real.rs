//! The real programs, started from an export: nginx, HAProxy and Envoy pick as the scene does. Loopback
//! only, a few hundred requests in all.
#![allow(
    clippy::disallowed_methods,
    reason = "a native test with real programs, real servers and real time"
)]

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use evenkeel::conf::{ConfigFormat, export};
use evenkeel::sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel::sim::balance::config::PickerConfig;
use evenkeel::sim::balance::endpoint::EndpointConfig;
use evenkeel::sim::balance::picker::PickKey;
use evenkeel::sim::balance::upstream::Upstream;
use evenkeel::sim::ids::{EndpointId, ServerId};
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::default_scenario;
use evenkeel::sim::time::SimTime;
use socket2::{Domain, Socket, Type};

use crate::conf_programs::{Program, folder};

/// How long a program or a server may take before the test gives up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Local servers that tell which of them got a request.
pub struct Fleet {
    /// Where they listen.
    pub addresses: Vec<SocketAddr>,
    /// Which of them got a request.
    pub got: Receiver<usize>,
}

/// When a local server answers.
#[derive(Clone, Copy)]
pub enum Answers {
    /// After so long.
    After(Duration),
    /// Never: requests stay until the balancer closes them.
    Never,
}

impl Fleet {
    /// `hold`: requests are never answered.
    pub fn start(count: usize, hold: bool) -> Self {
        let answers = if hold {
            Answers::Never
        } else {
            Answers::After(Duration::ZERO)
        };
        Self::answering(count, answers)
    }

    /// Servers that answer when this says.
    pub fn answering(count: usize, answers: Answers) -> Self {
        let (tell, got) = channel();
        let start = |number: usize| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port for a server");
            let address = listener.local_addr().expect("it has an address");
            let tell = tell.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let tell = tell.clone();
                    std::thread::spawn(move || answer(stream, number, &tell, answers));
                }
            });
            address
        };
        let addresses = (0..count).map(start).collect();
        Self { addresses, got }
    }
}

fn answer(mut stream: TcpStream, number: usize, tell: &Sender<usize>, answers: Answers) {
    let mut request = Vec::new();
    let mut part = [0_u8; 1_024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(length) if length > 0 => request.extend_from_slice(&part[..length]),
            _ => return,
        }
    }
    if tell.send(number).is_err() {
        return;
    }
    match answers {
        Answers::Never => while stream.read(&mut part).is_ok_and(|length| length > 0) {},
        Answers::After(time) => {
            std::thread::sleep(time);
            let text = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            let _ = stream.write_all(text);
        }
    }
}

/// A program that runs until it is dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program from the scene's export, on a port of its own instead of 80.
pub fn start(program: &Program, scene: &Scenario, folder: &Path) -> (Running, SocketAddr) {
    let spare = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = spare.local_addr().expect("it has an address");
    drop(spare);
    let (from, to) = match program.dialect {
        ConfigFormat::Nginx => ("listen 80;", format!("listen {address}; access_log off;")),
        ConfigFormat::Haproxy => ("bind :80", format!("bind {address}")),
        ConfigFormat::Envoy => {
            let port = address.port();
            let to = format!("address: 127.0.0.1, port_value: {port} }}");
            ("address: 0.0.0.0, port_value: 80 }", to)
        }
    };
    let text = export(scene, program.dialect);
    assert!(text.contains(from), "{text}");
    // Envoy tells the format by the name's ending; the others do not look at it.
    let file = folder.join("exported.yaml");
    std::fs::write(&file, text.replace(from, &to)).expect("a file for the program");
    let mut command = Command::new(&program.path);
    match program.dialect {
        ConfigFormat::Nginx => {
            let here = folder.join("nginx.pid");
            let own = format!("daemon off; master_process off; pid {};", here.display());
            command.args(["-e", "stderr", "-g", &own, "-c"]).arg(&file);
        }
        ConfigFormat::Haproxy => {
            command.args(["-db", "-q", "-f"]).arg(&file);
        }
        ConfigFormat::Envoy => {
            // One worker, as each has a balancer of its own; nothing shared with others that run here.
            command.args(["--concurrency", "1", "--use-dynamic-base-id"]);
            command.args(["--log-level", "off", "-c"]).arg(&file);
        }
    }
    command.stderr(Stdio::null()).stdout(Stdio::null());
    let running = Running(command.spawn().expect("the program starts"));
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < PATIENCE, "it listens: {text}");
        std::thread::sleep(Duration::from_millis(20));
    }
    (running, address)
}

/// What a request is made of that a balancer may look at.
pub struct Asked {
    /// Where it comes from.
    pub source: Ipv4Addr,
    /// What it asks for.
    pub path: String,
}

/// Requests from many addresses of the loopback net, for many paths.
fn asked(count: u8) -> Vec<Asked> {
    let one = |number: u8| Asked {
        source: Ipv4Addr::new(127, number % 7, number, 1 + number % 5),
        path: format!("/item/{number}"),
    };
    (1..=count).map(one).collect()
}

/// A connection from an address of the loopback net.
pub fn connect(to: SocketAddr, source: Ipv4Addr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let from = SocketAddr::new(source.into(), 0);
    socket.bind(&from.into()).expect("a loopback address");
    socket.connect(&to.into()).expect("the program listens");
    let stream = TcpStream::from(socket);
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("it can be set");
    stream
}

pub fn send(to: SocketAddr, asked: &Asked) -> TcpStream {
    let mut stream = connect(to, asked.source);
    let path = &asked.path;
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("it can be sent");
    stream
}

/// What the program picks.
fn real_picks(
    program: &Program,
    scene: &Scenario,
    fleet: &Fleet,
    asked: &[Asked],
    hold: bool,
) -> Vec<usize> {
    let folder = folder(&format!("real-{}-{}", program.dialect.id(), scene.name));
    let (running, address) = start(program, scene, &folder);
    let mut held = Vec::new();
    let mut picks = Vec::new();
    for one in asked {
        let mut stream = send(address, one);
        picks.push(fleet.got.recv_timeout(PATIENCE).expect("a server gets it"));
        if hold {
            held.push(stream);
        } else {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    drop(running);
    std::fs::remove_dir_all(folder).expect("the folder is ours");
    picks
}

/// What the simulated balancer picks. Held requests stay in progress; the others have ended before the
/// next one comes.
fn simulated_picks(scene: &Scenario, asked: &[Asked], hold: bool) -> Vec<usize> {
    let mut upstream = Upstream::new(
        scene.balancer.upstream(),
        scene.seed,
        0,
        PickerConfig::build,
    );
    for (number, server) in (0_u32..).zip(&scene.servers) {
        let config = EndpointConfig {
            server: ServerId(number),
            name: server.name.clone(),
            address: server.address.clone(),
            hash_id: number + 1,
            weight: server.weight,
            tier: server.tier,
            max_conns: server.max_conns,
            max_queue: server.max_queue,
        };
        upstream.add_endpoint(EndpointId(number), config);
    }
    upstream.start(SimTime::ZERO);
    let pick = |one: &Asked| {
        let key = PickKey {
            source: IpAddr::V4(one.source),
            port: 4_000,
            user: 0,
            text: one.path.as_bytes(),
        };
        let choice = upstream.pick(SimTime::from_us(1), key, &[]);
        let endpoint = choice.picked().expect("all are up");
        let server = upstream
            .endpoint(endpoint)
            .expect("it was picked")
            .config
            .server;
        if hold {
            upstream.on_sent(endpoint);
        }
        server.index()
    };
    asked.iter().map(pick).collect()
}

/// A scene with four servers of these weights, and nothing around the picks.
pub fn scene(
    fleet: &Fleet,
    engine: Implementation,
    algorithm: Algorithm,
    weights: [u32; 4],
) -> Scenario {
    let mut scene = default_scenario();
    scene.name = algorithm.row().id.to_owned();
    scene.balancer.engine = engine;
    scene.balancer.algorithm = algorithm;
    scene.balancer.active_checks = None;
    scene.balancer.passive_checks = None;
    for ((server, weight), address) in scene.servers.iter_mut().zip(weights).zip(&fleet.addresses) {
        server.weight = weight;
        server.address = address.to_string();
    }
    scene
}

fn program_picks_as_the_scene(dialect: ConfigFormat, engine: Implementation) {
    let Some(program) = Program::find(dialect) else {
        return;
    };
    for (algorithm, weights, hold) in [
        (Algorithm::RoundRobin, [1, 1, 1, 1], false),
        (Algorithm::WeightedRoundRobin, [5, 1, 2, 1], false),
        (Algorithm::LeastConnections, [1, 1, 1, 1], true),
        (Algorithm::WeightedLeastConnections, [3, 1, 2, 1], true),
        (Algorithm::IpHash, [1, 1, 1, 1], false),
        (Algorithm::IpHash, [3, 1, 2, 1], false),
        (Algorithm::KeyHash, [1, 1, 1, 1], false),
        (Algorithm::ConsistentHash, [1, 1, 1, 1], false),
        (Algorithm::ConsistentHash, [3, 1, 2, 1], false),
    ] {
        let fleet = Fleet::start(4, hold);
        let scene = scene(&fleet, engine, algorithm, weights);
        let asked = asked(if hold { 28 } else { 60 });
        let simulated = simulated_picks(&scene, &asked, hold);
        let real = real_picks(&program, &scene, &fleet, &asked, hold);
        let (name, weights) = (dialect.label(), format!("{weights:?}"));
        assert_eq!(real, simulated, "{name}, {algorithm:?} {weights}");
        let servers: std::collections::BTreeSet<_> = real.iter().collect();
        assert_eq!(servers.len(), 4, "every server was picked: {real:?}");
    }
}

#[test]
fn nginx_picks_as_the_scene_does() {
    program_picks_as_the_scene(ConfigFormat::Nginx, Implementation::Nginx);
}

#[test]
fn haproxy_picks_as_the_scene_does() {
    program_picks_as_the_scene(ConfigFormat::Haproxy, Implementation::Haproxy);
}

/// Envoy's keys, points and tables; and its turns, which it starts at a random place.
#[test]
fn envoy_picks_as_the_scene_does() {
    let Some(program) = Program::find(ConfigFormat::Envoy) else {
        return;
    };
    for (algorithm, weights) in [
        (Algorithm::RoundRobin, [1, 1, 1, 1]),
        (Algorithm::WeightedRoundRobin, [5, 1, 2, 1]),
        (Algorithm::ConsistentHash, [1, 1, 1, 1]),
        (Algorithm::ConsistentHash, [3, 1, 2, 1]),
        (Algorithm::Maglev, [1, 1, 1, 1]),
        (Algorithm::Maglev, [3, 1, 2, 1]),
    ] {
        let fleet = Fleet::start(4, false);
        let scene = scene(&fleet, Implementation::Envoy, algorithm, weights);
        let asked = asked(200);
        let real = real_picks(&program, &scene, &fleet, &asked[..60], false);
        let simulated = simulated_picks(&scene, &asked, false);
        let last = match algorithm {
            Algorithm::RoundRobin | Algorithm::WeightedRoundRobin => 140,
            _ => 0,
        };
        let fits = (0..=last).any(|start| simulated[start..start + 60] == real);
        assert!(fits, "{algorithm:?} {weights:?}\n{real:?}\n{simulated:?}");
        let servers: std::collections::BTreeSet<_> = real.iter().collect();
        assert_eq!(servers.len(), 4, "every server was picked: {real:?}");
    }
}

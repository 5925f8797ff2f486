//! A case as the real program runs it, step by step beside what the simulation says.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use evenkeel::sim::balance::algorithm::Algorithm;
use evenkeel::sim::balance::endpoint::{AdminState, Tier};
use evenkeel::sim::engine::command::Command;
use evenkeel::sim::ids::ServerId;
use socket2::{Domain, Socket, Type};

use crate::case::Case;
use crate::proxy::{Proxy, runtime_socket};
use crate::servers::Servers;
use crate::timeline::{Action, Seen, Step};

/// How long something that must be seen may take. Only a mismatch waits for all of it.
pub const PATIENCE: Duration = Duration::from_millis(2_000);
/// As [`PATIENCE`], while a mismatch is shrunk.
pub const SHORT_PATIENCE: Duration = Duration::from_millis(250);
/// How long an ejection takes to reach the threads that pick: Envoy decides it on another.
const EJECTION: Duration = Duration::from_millis(60);
/// How much longer what happens by time alone may take: HAProxy waits a second before some retries.
const PAUSE: Duration = Duration::from_millis(1_200);
/// How long after a step something unexpected is waited for; the program books the step meanwhile.
const SETTLE: Duration = Duration::from_millis(4);
/// As [`SETTLE`], after a request that is to wait: nothing tells when it does.
const QUEUES: Duration = Duration::from_millis(12);
/// As [`SETTLE`], after the last step.
const END: Duration = Duration::from_millis(40);

/// The cookie of each client.
type Jar = Arc<Mutex<BTreeMap<IpAddr, String>>>;

fn lock(jar: &Jar) -> MutexGuard<'_, BTreeMap<IpAddr, String>> {
    jar.lock().expect("no thread panicked with it")
}

/// A step after which the real program does not do what the simulation does.
#[derive(Debug)]
pub struct Mismatch {
    /// The number of the step, from 0.
    pub step: usize,
    /// What was done.
    pub action: Action,
    /// What the simulation says follows.
    pub simulated: Vec<Seen>,
    /// What was seen.
    pub real: Vec<Seen>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "step {}: {:?}", self.step, self.action)?;
        writeln!(f, "  simulated: {:?}", self.simulated)?;
        write!(f, "  real:      {:?}", self.real)
    }
}

/// How a run ended that did not agree.
#[derive(Debug)]
pub enum Fault {
    /// The program could not be started, or not be told what to do.
    NotRun(String),
    /// It did something else.
    Mismatch(Box<Mismatch>),
}

/// Runs the steps with the real program.
///
/// # Errors
/// The first step that does not agree, or why the program did not start.
pub fn run(
    case: &Case,
    steps: &[Step],
    proxy: Proxy,
    (path, folder): (&Path, &Path),
    patience: Duration,
) -> Result<(), Fault> {
    let (tell, seen) = channel();
    let addresses = case.scene.servers.iter().map(|server| &server.address);
    let addresses: Vec<SocketAddr> = addresses
        .map(|address| address.parse().expect("case.rs writes it"))
        .collect();
    let mut servers = Servers::start(&addresses, tell.clone()).map_err(Fault::NotRun)?;
    let jar = Jar::default();
    let (_running, address) = proxy
        .start(path, &case.scene, folder)
        .map_err(Fault::NotRun)?;
    if proxy == Proxy::Envoy && case.scene.balancer.algorithm == Algorithm::RoundRobin {
        begin_with_the_first(case, &servers, (address, &jar), &seen, &tell);
    }
    let mut broken = false;
    let ejects = proxy == Proxy::Envoy && case.scene.balancer.passive_checks.is_some();
    // Where something happens by time alone, every step has its time.
    let timed = steps.iter().any(|step| step.action == Action::Wait);
    let begun = Instant::now();
    for (number, step) in steps.iter().enumerate() {
        if timed && step.action != Action::Wait {
            let at = Duration::from_micros(step.at.as_us());
            std::thread::sleep(at.saturating_sub(begun.elapsed()));
        }
        act(
            case,
            &step.action,
            &mut servers,
            (address, &jar),
            folder,
            &tell,
        )
        .map_err(Fault::NotRun)?;
        let last = number + 1 == steps.len();
        let patience = match step.action {
            Action::Wait => {
                PAUSE + patience + Duration::from_micros(step.until.since(step.at).as_us())
            }
            _ => patience,
        };
        let waits = step.then.is_empty() && matches!(step.action, Action::Send { .. });
        let settle = match (last, waits) {
            (true, _) => END,
            (false, true) => QUEUES,
            (false, false) => SETTLE,
        };
        let real = wait(&seen, &step.then, patience, settle);
        broken |= matches!(step.action, Action::SetMode { .. });
        if ejects && broken {
            std::thread::sleep(EJECTION);
        }
        if real != step.then {
            return Err(Fault::Mismatch(Box::new(Mismatch {
                step: number,
                action: step.action.clone(),
                simulated: step.then.clone(),
                real,
            })));
        }
    }
    Ok(())
}

/// Sends requests until the last server in use had its turn: Envoy's turns begin at a random place.
fn begin_with_the_first(
    case: &Case,
    servers: &Servers,
    (address, jar): (SocketAddr, &Jar),
    seen: &Receiver<Seen>,
    tell: &Sender<Seen>,
) {
    let all = &case.scene.servers;
    let has_primary = all
        .iter()
        .any(|one| one.tier == Tier::Primary && one.weight > 0);
    let tier = if has_primary {
        Tier::Primary
    } else {
        Tier::Backup
    };
    let last = all
        .iter()
        .rposition(|one| one.tier == tier && one.weight > 0);
    for _ in 0..2 * all.len() {
        let source = IpAddr::from(Ipv4Addr::LOCALHOST);
        send(address, 0, source, ("GET", "/first"), jar, tell.clone());
        let Ok(Seen::Received { server, .. }) = seen.recv_timeout(PATIENCE) else {
            return;
        };
        servers.release(server, 0, 200);
        let _ = seen.recv_timeout(PATIENCE);
        if Some(server) == last {
            return;
        }
    }
}

/// Waits until all that is expected was seen, or too long; then for what is not expected.
fn wait(
    seen: &Receiver<Seen>,
    expected: &[Seen],
    patience: Duration,
    settle: Duration,
) -> Vec<Seen> {
    let mut real: Vec<Seen> = Vec::new();
    let begun = Instant::now();
    while real.len() < expected.len() {
        match seen.recv_timeout(patience.saturating_sub(begun.elapsed())) {
            Ok(one) => real.push(one),
            Err(_) => break,
        }
    }
    while let Ok(one) = seen.recv_timeout(settle) {
        real.push(one);
    }
    real.sort_unstable();
    real
}

fn act(
    case: &Case,
    action: &Action,
    servers: &mut Servers,
    (address, jar): (SocketAddr, &Jar),
    folder: &Path,
    tell: &Sender<Seen>,
) -> Result<(), String> {
    match action {
        Action::Send {
            number,
            source,
            method,
            path,
        } => send(address, *number, *source, (method, path), jar, tell.clone()),
        Action::Release {
            server,
            number,
            status,
        } => {
            servers.release(*server, *number, *status);
        }
        Action::SetMode { server, mode } => servers.set_mode(*server, *mode),
        Action::Wait => {}
        Action::Operate(command) => operate(command, case, folder)?,
    }
    Ok(())
}

/// Sends a request from an address of the loopback net; a thread waits for the answer.
fn send(
    to: SocketAddr,
    number: u64,
    source: IpAddr,
    (method, path): (&str, &str),
    jar: &Jar,
    tell: Sender<Seen>,
) {
    let body = if method == "POST" {
        "Content-Length: 0\r\n"
    } else {
        ""
    };
    let cookie = lock(jar).get(&source).cloned();
    let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
    let jar = Arc::clone(jar);
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: shop.example\r\nx-number: {number}\r\n{cookie}{body}Connection: close\r\n\r\n"
    );
    // Sent here, in order; only the answer is waited for elsewhere.
    let sent = connect(to, source).and_then(|mut stream| {
        stream.write_all(request.as_bytes())?;
        Ok(stream)
    });
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Ok(mut stream) = sent {
            let _ = stream.read_to_end(&mut text);
        }
        let text = String::from_utf8_lossy(&text);
        let set = text.lines().find_map(|line| {
            let line = line.to_lowercase();
            let cookie = line.strip_prefix("set-cookie: ")?.split(';').next()?;
            // Names of servers are small letters; that of the cookie is not.
            Some(cookie.replacen("srv", "SRV", 1))
        });
        if let Some(cookie) = set {
            lock(&jar).insert(source, cookie);
        }
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.unwrap_or(0);
        // The test may have ended meanwhile.
        let _ = tell.send(Seen::Answered { number, status });
    });
}

fn connect(to: SocketAddr, source: IpAddr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = match source {
        IpAddr::V4(source) => source,
        IpAddr::V6(_) => Ipv4Addr::LOCALHOST,
    };
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.connect(&to.into())?;
    Ok(socket.into())
}

/// Gives a command through HAProxy's runtime interface.
fn operate(command: &Command, case: &Case, folder: &Path) -> Result<(), String> {
    let server = |id: ServerId| {
        let server = &case.scene.servers[id.index()];
        let pool = server.pool.as_deref().unwrap_or("main");
        format!("{pool}/{}", server.name)
    };
    let line = match command {
        // In percent of the configured weight where the table cannot change.
        Command::SetWeight(id, weight) if case.has_fixed_table => {
            let percent = if *weight == 0 { 0 } else { 100 };
            format!("set server {} weight {percent}%", server(*id))
        }
        Command::SetWeight(id, weight) => format!("set server {} weight {weight}", server(*id)),
        Command::SetAdmin(id, state) => {
            let state = match state {
                AdminState::Ready => "ready",
                AdminState::Drain => "drain",
                AdminState::Maint => "maint",
            };
            format!("set server {} state {state}", server(*id))
        }
        other => return Err(format!("{other:?} is no command of the runtime interface")),
    };
    let said = UnixStream::connect(runtime_socket(folder)).and_then(|mut stream| {
        stream.write_all(format!("{line}\n").as_bytes())?;
        let mut said = String::new();
        stream.read_to_string(&mut said)?;
        Ok(said)
    });
    let said = said.map_err(|error| format!("the runtime interface: {error}"))?;
    if said.trim().is_empty() {
        Ok(())
    } else {
        Err(format!("{line}: {said}"))
    }
}

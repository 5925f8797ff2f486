//! The real programs that scenes are run through: where they are, how they start, and what they answer.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use evenkeel::conf::{ConfigFormat, export};
use evenkeel::sim::balance::algorithm::Implementation;
use evenkeel::sim::balance::spec::Layer;
use evenkeel::sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel::sim::scenario::Scenario;

/// How long a program may take to listen.
const START: Duration = Duration::from_secs(10);

/// How often a start is tried again.
const STARTS: u32 = 3;

/// A program of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// nginx as the distribution has it (1.22 in Debian 12).
    Nginx,
    /// nginx 1.31.
    NginxNew,
    /// HAProxy as the distribution has it (2.6 in Debian 12).
    Haproxy,
    /// HAProxy 2.8.
    HaproxyNew,
    /// Envoy 1.40.
    Envoy,
}

impl Proxy {
    /// All programs, each with the name that it goes by on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("nginx", Self::Nginx),
        ("nginx-1.31", Self::NginxNew),
        ("haproxy", Self::Haproxy),
        ("haproxy-2.8", Self::HaproxyNew),
        ("envoy", Self::Envoy),
    ];

    /// The name of the program's file.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, proxy)| *proxy == self);
        found.map_or("", |(name, _)| name)
    }

    /// The implementation that the simulation has of it.
    pub const fn implementation(self) -> Implementation {
        match self {
            Self::Nginx | Self::NginxNew => Implementation::Nginx,
            Self::Haproxy | Self::HaproxyNew => Implementation::Haproxy,
            Self::Envoy => Implementation::Envoy,
        }
    }

    /// The port of all scripted servers of the program's cases.
    pub const fn server_port(self) -> u16 {
        match self {
            Self::Nginx => 18_101,
            Self::NginxNew => 18_102,
            Self::Haproxy => 18_103,
            Self::HaproxyNew => 18_104,
            Self::Envoy => 18_105,
        }
    }

    const fn format(self) -> ConfigFormat {
        match self {
            Self::Nginx | Self::NginxNew => ConfigFormat::Nginx,
            Self::Haproxy | Self::HaproxyNew => ConfigFormat::Haproxy,
            Self::Envoy => ConfigFormat::Envoy,
        }
    }

    /// The status that the program gives a client for an outcome; `None` for an outcome that no case here has.
    /// At L4 there is no status: a connection that fails is closed, which is 0 here.
    pub fn status(self, layer: Layer, outcome: Outcome) -> Option<u16> {
        if let Some(status) = outcome.refusal_status() {
            return Some(status);
        }
        let by_server = matches!(
            outcome,
            Outcome::Answered | Outcome::Failed(Failure::ServerError)
        );
        if layer == Layer::L4 && !by_server {
            return Some(0);
        }
        let nginx = matches!(self, Self::Nginx | Self::NginxNew);
        Some(match outcome {
            Outcome::Answered => 200,
            Outcome::Failed(Failure::ServerError) => 500,
            Outcome::Failed(Failure::Refused) => {
                if nginx {
                    502
                } else {
                    503
                }
            }
            Outcome::Failed(Failure::Reset) if self == Self::Envoy => 503,
            Outcome::Failed(Failure::Reset) => 502,
            Outcome::Rejected(Rejection::NoEndpoint | Rejection::BalancerQueueFull) => {
                if nginx {
                    502
                } else {
                    503
                }
            }
            Outcome::Rejected(Rejection::QueueTimeout) => 503,
            Outcome::TimedOut => 504,
            _ => return None,
        })
    }

    /// Starts the program at `path` with the scene's export.
    ///
    /// # Errors
    /// What the program said, if it does not come to listen.
    pub fn start(
        self,
        path: &Path,
        scene: &Scenario,
        folder: &Path,
    ) -> Result<(Running, SocketAddr), String> {
        // Another program may take the free port first.
        let mut started = self.start_once(path, scene, folder);
        for _ in 0..STARTS {
            if started.is_ok() {
                break;
            }
            started = self.start_once(path, scene, folder);
        }
        started
    }

    fn start_once(
        self,
        path: &Path,
        scene: &Scenario,
        folder: &Path,
    ) -> Result<(Running, SocketAddr), String> {
        let spare = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = spare.local_addr().map_err(|error| error.to_string())?;
        drop(spare);
        let text = export(scene, self.format());
        let text = match self.format() {
            ConfigFormat::Nginx => {
                let log = match scene.balancer.layer {
                    Layer::L4 => "",
                    Layer::L7 => "access_log off;",
                };
                let text = text.replace("listen 80;", &format!("listen {address}; {log}"));
                // It has the stream module inside.
                match self {
                    Self::NginxNew => text.replace("include /etc/nginx", "# include /etc/nginx"),
                    _ => text,
                }
            }
            ConfigFormat::Envoy => {
                let port = address.port();
                let to = format!("address: 127.0.0.1, port_value: {port} }}");
                // It waits up to a second for more changes of health before it tells the threads that pick.
                let at_once = |line: &str| match line.split_once("healthy_panic_threshold") {
                    Some((indent, _)) => format!("{indent}update_merge_window: 0s\n{line}\n"),
                    None => format!("{line}\n"),
                };
                let text: String = text.lines().map(at_once).collect();
                text.replace("address: 0.0.0.0, port_value: 80 }", &to)
            }
            ConfigFormat::Haproxy => {
                let socket = runtime_socket(folder);
                let global = format!(
                    "global\n    stats socket {} level admin",
                    socket.to_string_lossy()
                );
                text.replace("bind :80", &format!("bind {address}"))
                    .replacen("global", &global, 1)
            }
        };
        // Envoy tells the format by the name's ending; the others do not look at it.
        let file = folder.join("exported.yaml");
        std::fs::write(&file, &text).map_err(|error| error.to_string())?;
        let said = folder.join("said.txt");
        let output = std::fs::File::create(&said).map_err(|error| error.to_string())?;
        let mut command = Command::new(path);
        match self.format() {
            ConfigFormat::Nginx => {
                let here = folder.join("nginx.pid");
                let own = format!("daemon off; master_process off; pid {};", here.display());
                if self == Self::NginxNew {
                    // Else it looks for its folders where it was built.
                    command.arg("-p").arg(folder);
                }
                command.args(["-e", "stderr", "-g", &own, "-c"]).arg(&file);
            }
            ConfigFormat::Haproxy => {
                command.args(["-db", "-f"]).arg(&file);
            }
            ConfigFormat::Envoy => {
                // One worker, as each has a balancer of its own; nothing shared with others that run here.
                command.args(["--concurrency", "1", "--use-dynamic-base-id"]);
                command.args(["--log-level", "error", "-c"]).arg(&file);
            }
        }
        command.stdout(Stdio::null()).stderr(output);
        let child = command.spawn().map_err(|error| error.to_string())?;
        let mut running = Running(child);
        let begun = Instant::now();
        while !is_listening(address) {
            let ended = running.0.try_wait().ok().flatten();
            if let Some(status) = ended.filter(|_| begun.elapsed() > Duration::from_millis(200)) {
                let said = std::fs::read_to_string(&said).unwrap_or_default();
                return Err(format!("{} ended: {status}\n{said}\n{text}", self.name()));
            }
            if begun.elapsed() > START {
                return Err(format!("{} does not listen\n{text}", self.name()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok((running, address))
    }
}

/// Whether something listens at an address of the loopback net. A connection would count as one of the case's at L4.
fn is_listening(address: SocketAddr) -> bool {
    // Number, local address, remote address, state: 0A is LISTEN.
    let wanted = format!(":{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().any(|line| {
        let mut words = line.split_whitespace().skip(1);
        let local = words.next().is_some_and(|local| local.ends_with(&wanted));
        local && words.nth(1) == Some("0A")
    })
}

/// The socket of HAProxy's runtime interface.
pub fn runtime_socket(folder: &Path) -> PathBuf {
    folder.join("runtime.sock")
}

/// A program that runs until it is dropped.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

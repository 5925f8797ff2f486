//! Scripted servers: each says which request it got, and answers when it is told to.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::timeline::{Seen, ServerMode};

/// The time between two resets of a server that crashes.
const BETWEEN_RESETS: Duration = Duration::from_millis(3);
/// How often listening is tried again, ten milliseconds apart.
const TRIES: u32 = 100;

/// The requests that a server holds, by their number, with the connections that they came on.
type Held = Arc<Mutex<BTreeMap<u64, TcpStream>>>;

/// One scripted server.
struct Server {
    address: SocketAddr,
    mode: Arc<Mutex<ServerMode>>,
    held: Held,
    /// What listens; `None` while the server is crashed.
    listening: Option<(Arc<TcpListener>, JoinHandle<()>)>,
}

/// All scripted servers of a run.
pub struct Servers {
    servers: Vec<Server>,
    seen: Sender<Seen>,
}

impl Servers {
    /// A server at each address, which says on `seen` what it got.
    ///
    /// # Errors
    /// The address that is taken.
    pub fn start(addresses: &[SocketAddr], seen: Sender<Seen>) -> Result<Self, String> {
        let servers = addresses
            .iter()
            .enumerate()
            .map(|(number, &address)| {
                let listener = listen(address)?;
                let mut server = Server {
                    address,
                    mode: Arc::new(Mutex::new(ServerMode::Works)),
                    held: Held::default(),
                    listening: None,
                };
                server.accept(number, listener, &seen);
                Ok(server)
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { servers, seen })
    }

    /// Lets a server answer a request that it holds; returns whether it held it.
    pub fn release(&self, server: usize, number: u64, status: u16) -> bool {
        let held = lock(&self.servers[server].held).remove(&number);
        held.is_some_and(|stream| answer(stream, status))
    }

    /// Crashes a server, or changes how it answers.
    pub fn set_mode(&mut self, server: usize, mode: ServerMode) {
        let seen = self.seen.clone();
        let one = &mut self.servers[server];
        *lock(&one.mode) = mode;
        if mode == ServerMode::Crashed {
            one.stop();
        } else if one.listening.is_none() {
            let listener = listen(one.address).expect("the address is its own");
            one.accept(server, listener, &seen);
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.servers {
            *lock(&server.mode) = ServerMode::Crashed;
            server.stop();
        }
    }
}

impl Server {
    fn accept(&mut self, number: usize, listener: TcpListener, seen: &Sender<Seen>) {
        let listener = Arc::new(listener);
        let accepting = Arc::clone(&listener);
        let (mode, held, seen) = (Arc::clone(&self.mode), Arc::clone(&self.held), seen.clone());
        let thread = std::thread::spawn(move || {
            for stream in accepting.incoming() {
                let now = *lock(&mode);
                if now == ServerMode::Crashed {
                    return;
                }
                let Ok(stream) = stream else { return };
                let (mode, held, seen) = (Arc::clone(&mode), Arc::clone(&held), seen.clone());
                std::thread::spawn(move || serve(stream, number, &mode, &held, &seen));
            }
        });
        self.listening = Some((listener, thread));
    }

    /// Stops listening, and resets every connection.
    fn stop(&mut self) {
        if let Some((listener, thread)) = self.listening.take() {
            // A thread that waits for a connection sees the new mode only with the next one.
            let _ = TcpStream::connect(self.address);
            let _ = thread.join();
            drop(listener);
        }
        // In order, and each alone: the program's next picks depend on which it learns of first.
        let held = std::mem::take(&mut *lock(&self.held));
        for stream in held.into_values() {
            reset(stream);
            std::thread::sleep(BETWEEN_RESETS);
        }
    }
}

/// Reads a request, says that it came, and holds it or answers it at once.
fn serve(
    mut stream: TcpStream,
    server: usize,
    mode: &Mutex<ServerMode>,
    held: &Held,
    seen: &Sender<Seen>,
) {
    let mut request = Vec::new();
    let mut part = [0_u8; 2_048];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(length) if length > 0 => request.extend_from_slice(&part[..length]),
            _ => return,
        }
    }
    let Some(number) = number_of(&request) else {
        return;
    };
    let fails = *lock(mode) == ServerMode::FailsAtOnce;
    if !fails {
        lock(held).insert(number, stream.try_clone().expect("a second handle"));
    }
    // The test may have ended meanwhile.
    let _ = seen.send(Seen::Received { server, number });
    if fails {
        answer(stream, 500);
    }
}

/// The number in the header `x-number`.
fn number_of(request: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("x-number:"))?;
    line.trim().parse().ok()
}

fn answer(mut stream: TcpStream, status: u16) -> bool {
    let text =
        format!("HTTP/1.1 {status} Said\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let sent = stream.write_all(text.as_bytes()).is_ok();
    let _ = stream.shutdown(Shutdown::Write);
    sent
}

/// Closes a connection by a reset.
fn reset(stream: TcpStream) {
    let socket = Socket::from(stream);
    let _ = socket.set_linger(Some(Duration::ZERO));
    // The thread that reads from it has a handle of its own, so closing this one would not close the connection.
    let _ = socket.shutdown(Shutdown::Both);
}

fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let listen = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(128)?;
        Ok(socket.into())
    };
    let mut listening: std::io::Result<TcpListener> = listen();
    for _ in 0..TRIES {
        if listening.is_ok() {
            break;
        }
        // What listened here in the case before may still be closing.
        std::thread::sleep(Duration::from_millis(10));
        listening = listen();
    }
    listening.map_err(|error| format!("no server can listen on {address}: {error}"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no thread panicked with it")
}

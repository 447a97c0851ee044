//! The thread on which a session lives: an asynchronous runtime of its own, so that a blocking call is safe from any
//! thread, also from one that runs another runtime.

use std::io::Cursor;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use aludel_engine::driver::{BatchError, DriverError, ErrorKind, Interrupt, Row};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryStream};

use crate::connect::{self, Session};
use crate::error;

/// How long a session may take to say goodbye.
const FAREWELL: Duration = Duration::from_millis(500);

/// How many parts of a COPY may wait to be sent.
const PARTS: usize = 8;

/// What a statement gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The rows of its last result.
    pub rows: Vec<Row>,
    /// How many rows it changed or gave.
    pub affected: u64,
}

type Reply = SyncSender<Result<Vec<Outcome>, BatchError>>;

enum Job {
    /// Statements to send without waiting for one another's answer.
    Statements(Vec<String>, Reply),
    /// A COPY, whose data follows in parts.
    Copy { sql: String, parts: UnboundedReceiver<Part>, taken: Sender<()>, reply: SyncSender<Result<u64, DriverError>> },
}

/// A part of the data of a COPY. Without an end the COPY fails, as it does when its sender is gone.
enum Part {
    Rows(Vec<u8>),
    End,
}

/// A COPY that takes data.
pub struct Copying {
    parts: UnboundedSender<Part>,
    /// A word for each part that went out. It is waited for here, so that a caller may have a runtime of its own.
    taken: Receiver<()>,
    waiting: usize,
    answer: Receiver<Result<u64, DriverError>>,
}

impl Copying {
    /// Sends rows in the text format; false when the server wants no more of them.
    pub fn rows(&mut self, rows: Vec<u8>) -> bool {
        if self.waiting >= PARTS {
            if self.taken.recv().is_err() {
                return false;
            }
            self.waiting -= 1;
        }
        self.waiting += 1;
        self.parts.send(Part::Rows(rows)).is_ok()
    }

    /// Ends the data.
    ///
    /// # Errors
    /// What the server said.
    pub fn finish(self) -> Result<u64, DriverError> {
        // When nobody takes the end, the answer says why.
        let _ = self.parts.send(Part::End);
        self.answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Breaks it off.
    pub fn abandon(self) {
        drop(self.parts);
        let _ = self.answer.recv();
    }
}

/// The session's thread, from outside.
#[derive(Debug)]
pub struct Worker {
    jobs: Option<UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    interrupter: Arc<Interrupter>,
}

/// Cancels what the session runs, by a message of its own to the server (manual, 55.2.8).
#[derive(Debug)]
pub struct Interrupter {
    requests: UnboundedSender<()>,
    running: Arc<AtomicBool>,
    asked: AtomicBool,
}

impl Interrupt for Interrupter {
    fn interrupt(&self) {
        if self.running.load(Ordering::SeqCst) {
            self.asked.store(true, Ordering::SeqCst);
            // When the session's thread is gone there is nothing to stop.
            let _ = self.requests.send(());
        }
    }
}

impl Interrupter {
    /// Whether somebody asked since the last time this was called.
    pub fn take_asked(&self) -> bool {
        self.asked.swap(false, Ordering::SeqCst)
    }
}

fn gone() -> DriverError {
    DriverError::new(ErrorKind::Lost, "the connection is closed")
}

impl Worker {
    /// Starts the thread and connects.
    ///
    /// # Errors
    /// What went wrong with the connection.
    pub fn start(plan: connect::Plan) -> Result<(Self, String), DriverError> {
        let (jobs, job_receiver) = unbounded_channel();
        let (requests, request_receiver) = unbounded_channel();
        let running = Arc::new(AtomicBool::new(false));
        let interrupter =
            Arc::new(Interrupter { requests, running: Arc::clone(&running), asked: AtomicBool::new(false) });
        let (ready, wait) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("aludel-postgres".to_owned())
            .spawn(move || live(&plan, job_receiver, request_receiver, &running, &ready))
            .map_err(|error| DriverError::new(ErrorKind::Other, format!("no thread can be started: {error}")))?;
        match wait.recv().unwrap_or_else(|_| Err(gone())) {
            Ok(version) => Ok((Worker { jobs: Some(jobs), thread: Some(thread), interrupter }, version)),
            Err(error) => {
                let _ = thread.join();
                Err(error)
            }
        }
    }

    /// Runs statements that are sent together. The first failure is reported, when all have been answered.
    ///
    /// # Errors
    /// What the server said, and of which statement.
    pub fn run(&self, statements: Vec<String>) -> Result<Vec<Outcome>, BatchError> {
        let lost = || BatchError { index: 0, error: gone() };
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or_else(lost)?;
        self.interrupter.take_asked();
        jobs.send(Job::Statements(statements, reply)).map_err(|_| lost())?;
        answer.recv().map_err(|_| lost())?
    }

    /// Begins a COPY FROM STDIN.
    ///
    /// # Errors
    /// When the session is gone.
    pub fn copy(&self, sql: &str) -> Result<Copying, DriverError> {
        let (parts, receiver) = unbounded_channel();
        let (went, taken) = std::sync::mpsc::channel();
        let (reply, answer) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        self.interrupter.take_asked();
        jobs.send(Job::Copy { sql: sql.to_owned(), parts: receiver, taken: went, reply }).map_err(|_| gone())?;
        Ok(Copying { parts, taken, waiting: 0, answer })
    }

    /// The handle that cancels.
    pub fn interrupter(&self) -> &Arc<Interrupter> {
        &self.interrupter
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The life of the thread.
fn live(
    plan: &connect::Plan,
    jobs: UnboundedReceiver<Job>,
    requests: UnboundedReceiver<()>,
    running: &AtomicBool,
    ready: &SyncSender<Result<String, DriverError>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(DriverError::new(ErrorKind::Other, format!("no runtime can be started: {error}"))));
            return;
        }
    };
    runtime.block_on(async {
        let session = match connect::connect(plan).await {
            Ok(session) => session,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let _ = ready.send(Ok(session.version.clone()));
        serve(session, jobs, requests, running).await;
    });
}

async fn serve(
    session: Session,
    mut jobs: UnboundedReceiver<Job>,
    mut requests: UnboundedReceiver<()>,
    running: &AtomicBool,
) {
    let Session { client, driver, tls, .. } = session;
    let token = client.cancel_token();
    tokio::spawn(async move {
        while requests.recv().await.is_some() {
            // A refused cancellation leaves the statement running, which the caller sees.
            let _ = token.cancel_query(tls.clone()).await;
        }
    });
    while let Some(job) = jobs.recv().await {
        running.store(true, Ordering::SeqCst);
        match job {
            Job::Statements(statements, reply) => {
                let outcome = run(&client, &statements).await;
                running.store(false, Ordering::SeqCst);
                let _ = reply.send(outcome);
            }
            Job::Copy { sql, parts, taken, reply } => {
                let outcome = copy(&client, &sql, parts, taken).await;
                running.store(false, Ordering::SeqCst);
                let _ = reply.send(outcome.map_err(|error| error::of_copy(&error, &sql)));
            }
        }
    }
    drop(client);
    let _ = tokio::time::timeout(FAREWELL, driver).await;
}

/// Sends the data of a COPY as it comes. A sink that is dropped before its end tells the server that the COPY failed.
async fn copy(
    client: &Client,
    sql: &str,
    mut parts: UnboundedReceiver<Part>,
    taken: Sender<()>,
) -> Result<u64, tokio_postgres::Error> {
    let mut sink = std::pin::pin!(client.copy_in::<_, Cursor<Vec<u8>>>(sql).await?);
    while let Some(part) = parts.recv().await {
        match part {
            Part::Rows(rows) => {
                sink.as_mut().send(Cursor::new(rows)).await?;
                let _ = taken.send(());
            }
            Part::End => return sink.as_mut().finish().await,
        }
    }
    Ok(0)
}

/// Sends everything, then reads the answers in order.
async fn run(client: &Client, statements: &[String]) -> Result<Vec<Outcome>, BatchError> {
    let mut streams: Vec<Pin<Box<SimpleQueryStream>>> = Vec::with_capacity(statements.len());
    let mut failure = None;
    for (index, sql) in statements.iter().enumerate() {
        match client.simple_query_raw(sql).await {
            Ok(stream) => streams.push(Box::pin(stream)),
            Err(error) => {
                failure = Some(BatchError { index, error: error::of_statement(&error, sql) });
                break;
            }
        }
    }
    let mut outcomes = Vec::with_capacity(streams.len());
    for (index, (mut stream, sql)) in streams.into_iter().zip(statements).enumerate() {
        match read(&mut stream).await {
            Ok(outcome) => outcomes.push(outcome),
            // What fails after the first failure fails because of it.
            Err(error) if failure.as_ref().is_none_or(|first: &BatchError| first.index > index) => {
                failure = Some(BatchError { index, error: error::of_statement(&error, sql) });
            }
            Err(_) => {}
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(outcomes),
    }
}

async fn read(stream: &mut Pin<Box<SimpleQueryStream>>) -> Result<Outcome, tokio_postgres::Error> {
    let mut outcome = Outcome::default();
    while let Some(message) = stream.next().await {
        match message? {
            SimpleQueryMessage::RowDescription(_) => outcome.rows.clear(),
            SimpleQueryMessage::Row(row) => {
                let mut cells = Vec::with_capacity(row.len());
                for place in 0..row.len() {
                    cells.push(row.try_get(place)?.map(str::to_owned));
                }
                outcome.rows.push(cells);
            }
            SimpleQueryMessage::CommandComplete(count) => outcome.affected = count,
            _ => {}
        }
    }
    Ok(outcome)
}

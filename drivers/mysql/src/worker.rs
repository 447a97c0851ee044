//! The thread that owns a connection and its runtime, so that callers can block wherever they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use aludel_engine::driver::{DriverError, ErrorKind, Row};
use mysql_async::consts::ColumnType;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, Value};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::error;
use crate::target::{Target, Tls};

/// What a text of statements gave: the rows of those that give any, and how many rows the others changed.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub rows: Vec<Row>,
    pub affected: u64,
}

/// A failure and how many statements of the text went well before it.
pub(crate) type Failure = (usize, DriverError);

struct Job {
    sql: String,
    limit: Option<Duration>,
    reply: mpsc::Sender<Result<Answer, Failure>>,
}

/// Whether the session runs a statement now. Held while a statement is killed, so that no other one begins meanwhile.
#[derive(Debug, Default)]
struct Gate(Mutex<bool>);

impl Gate {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it takes to stop the statement that a session runs.
pub(crate) struct Killer {
    options: Opts,
    id: u32,
    gate: Arc<Gate>,
}

impl Killer {
    /// Stops the statement that runs now, if one does.
    pub(crate) fn kill(&self) {
        let running = self.gate.lock();
        if *running {
            // On a thread of its own: the caller's may have a runtime already.
            thread::scope(|scope| {
                scope.spawn(|| {
                    if let Ok(runtime) = runtime() {
                        runtime.block_on(kill(&self.options, self.id));
                    }
                });
            });
        }
    }
}

async fn kill(options: &Opts, id: u32) {
    let attempt = async {
        let mut other = Conn::new(options.clone()).await?;
        other.query_drop(format!("KILL QUERY {id}")).await?;
        other.disconnect().await
    };
    // A session that has ended meanwhile, or a server that is gone: there is nothing left to stop.
    let _: Result<Result<(), mysql_async::Error>, _> = timeout(Duration::from_secs(10), attempt).await;
}

/// The caller's end of the thread.
pub(crate) struct Worker {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
    pub killer: Arc<Killer>,
    pub limit: Option<Duration>,
}

impl Worker {
    /// Connects.
    pub(crate) fn start(target: &Target, application: &str, patience: Duration) -> Result<Worker, DriverError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, connected) = mpsc::channel();
        let gate = Arc::new(Gate::default());
        let (target, application, shared) = (target.clone(), application.to_owned(), Arc::clone(&gate));
        let body = move || {
            let runtime = match runtime() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            match runtime.block_on(connect(&target, &application, patience)) {
                Err(error) => drop(ready.send(Err(error))),
                Ok((conn, options)) => {
                    let killer = Arc::new(Killer { options, id: conn.id(), gate: shared });
                    if ready.send(Ok(Arc::clone(&killer))).is_ok() {
                        serve(&runtime, conn, &queue, &killer);
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("aludel-mysql".to_owned()).spawn(body);
        let thread =
            thread.map_err(|error| DriverError::new(ErrorKind::Other, format!("cannot start a thread: {error}")))?;
        let killer = connected.recv().unwrap_or_else(|_| Err(lost()))?;
        Ok(Worker { jobs: Some(jobs), thread: Some(thread), killer, limit: None })
    }

    /// Runs a text of one or more statements.
    pub(crate) fn run(&self, sql: impl Into<String>) -> Result<Answer, Failure> {
        let (reply, answer) = mpsc::channel();
        let job = Job { sql: sql.into(), limit: self.limit, reply };
        self.jobs.as_ref().ok_or_else(|| (0, lost()))?.send(job).map_err(|_| (0, lost()))?;
        answer.recv().unwrap_or_else(|_| Err((0, lost())))
    }
}

impl Drop for Worker {
    /// Tells the server that the session ends before the caller goes on, or perhaps the process ends.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported on its own thread.
            let _: Result<(), _> = thread.join();
        }
    }
}

fn lost() -> DriverError {
    DriverError::new(ErrorKind::Lost, "the connection was lost")
}

fn runtime() -> Result<Runtime, DriverError> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| DriverError::new(ErrorKind::Other, format!("cannot start a runtime: {error}")))
}

async fn connect(target: &Target, application: &str, patience: Duration) -> Result<(Conn, Opts), DriverError> {
    let attempt = async |with_tls: bool| {
        let options = target.options(application, with_tls);
        match timeout(patience, Conn::new(options.clone())).await {
            Err(_) => Err(error::timed_out(target, patience.as_secs_f64())),
            Ok(Err(error)) => Err(error::of_connecting(&error, target)),
            Ok(Ok(conn)) => Ok((conn, options)),
        }
    };
    match attempt(target.tls != Tls::Disabled).await {
        Err(error) if error.kind == ErrorKind::Tls && target.tls == Tls::Preferred => attempt(false).await,
        outcome => outcome,
    }
}

fn serve(runtime: &Runtime, mut conn: Conn, queue: &mpsc::Receiver<Job>, killer: &Killer) {
    while let Ok(job) = queue.recv() {
        *killer.gate.lock() = true;
        let outcome = runtime.block_on(run_within(&mut conn, &job, killer));
        *killer.gate.lock() = false;
        // A caller that is gone wants no answer.
        let _: Result<(), _> = job.reply.send(outcome);
    }
    // A server that does not answer any more is not waited for.
    let farewell = async { timeout(Duration::from_secs(2), conn.disconnect()).await };
    let _: Result<Result<(), _>, _> = runtime.block_on(farewell);
}

async fn run_within(conn: &mut Conn, job: &Job, killer: &Killer) -> Result<Answer, Failure> {
    let Some(limit) = job.limit else {
        return run(conn, &job.sql).await;
    };
    let mut running = std::pin::pin!(run(conn, &job.sql));
    if let Ok(outcome) = timeout(limit, running.as_mut()).await {
        return outcome;
    }
    kill(&killer.options, killer.id).await;
    match running.await {
        Err((done, error)) if matches!(error.kind, ErrorKind::Interrupted | ErrorKind::StatementTimeout) => {
            let error = DriverError { kind: ErrorKind::StatementTimeout, ..error };
            Err((
                done,
                error.hint(format!("it ran longer than `statement_timeout` ({} s) allows", limit.as_secs_f64())),
            ))
        }
        outcome => outcome,
    }
}

async fn run(conn: &mut Conn, sql: &str) -> Result<Answer, Failure> {
    let mut answer = Answer::default();
    let mut done = 0;
    let mut result = conn.query_iter(sql).await.map_err(|error| (0, error::of_statement(&error)))?;
    loop {
        answer.affected += result.affected_rows();
        let rows = result.collect::<mysql_async::Row>().await.map_err(|error| (done, error::of_statement(&error)))?;
        answer.rows.extend(rows.into_iter().map(text_row));
        done += 1;
        if result.is_empty() {
            break;
        }
    }
    // mysql_async keeps the error of a further statement until the result is asked again, and calls it empty meanwhile.
    result.drop_result().await.map_err(|error| (done, error::of_statement(&error)))?;
    Ok(answer)
}

/// A row in text form. Bytes are hexadecimal: those of a column with the character set `binary` that holds a string.
fn text_row(row: mysql_async::Row) -> Row {
    const BINARY: u16 = 63;
    let columns = row.columns();
    row.unwrap_raw()
        .into_iter()
        .zip(columns.iter())
        .map(|(value, column)| {
            let stringy = matches!(
                column.column_type(),
                ColumnType::MYSQL_TYPE_STRING
                    | ColumnType::MYSQL_TYPE_VAR_STRING
                    | ColumnType::MYSQL_TYPE_VARCHAR
                    | ColumnType::MYSQL_TYPE_BLOB
                    | ColumnType::MYSQL_TYPE_TINY_BLOB
                    | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
                    | ColumnType::MYSQL_TYPE_LONG_BLOB
                    | ColumnType::MYSQL_TYPE_BIT
                    | ColumnType::MYSQL_TYPE_GEOMETRY
            );
            match value? {
                Value::NULL => None,
                Value::Bytes(bytes) if stringy && column.character_set() == BINARY => {
                    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
                }
                Value::Bytes(bytes) => Some(match String::from_utf8(bytes) {
                    Ok(text) => text,
                    Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
                }),
                other => Some(other.as_sql(true).trim_matches('\'').to_owned()),
            }
        })
        .collect()
}

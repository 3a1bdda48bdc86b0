//! Answers that were never sent here: when somebody opens a thread that lives elsewhere, the servers
//! of its statuses are asked for the answers they know, and those for theirs, within bounds (P04).

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use activitypub::{Note, Uri};
use domain::StatusId;
use domain::status::Status;
use domain::time::MINUTE;
use serde::{Deserialize, Serialize};
use store::{Conn, statuses, threads};

use super::{Arrival, BUDGET, Budget, collection, late, note, queue, take};
use crate::jobs::Job;
use crate::{App, AppError, Result};

/// How long a thread is left alone after somebody looked at it, as Mastodon does.
const REST: i64 = 15 * MINUTE;
/// How old a status must be: what answers it at once is on its way here anyway.
const YOUNGEST: i64 = 5 * MINUTE;
/// How far below the opened status answers are looked for.
const DEPTH: u32 = 20;
/// Answers read from one collection.
const ANSWERS: usize = 200;
/// Ids that wait to be asked for.
const WAITING: usize = 1_000;
/// How often the job goes on where it ended, each time with a budget of its own, if it found
/// anything.
const ROUNDS: u32 = 5;
/// How long one round may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The id of a status.
    id: String,
    /// How far below the opened one it is.
    depth: u32,
}

/// The job that asks for answers to the opened status or the beginning of its thread, if one of them
/// is to be asked for now.
pub(crate) async fn due(
    app: &App,
    conn: &mut Conn,
    opened: &Status,
    root: StatusId,
) -> Result<Option<Job>> {
    if !app.config.federation.enabled {
        return Ok(None);
    }
    let beginning = if root == opened.id { None } else { statuses::by_id(conn, root).await? };
    for status in beginning.iter().chain([opened]) {
        let is_candidate = status.uri.is_some()
            && status.boost_of.is_none()
            && status.visibility.is_open()
            && app.now().since(status.created_at) >= YOUNGEST;
        if !is_candidate {
            continue;
        }
        let looked_at = threads::looked_at(conn, status.id).await?;
        if looked_at.is_none_or(|at| app.now().since(at) >= REST) {
            let host = status.uri.as_deref().and_then(crate::cards::host_of);
            return Ok(Some(Job::CrawlThread {
                status: status.id,
                host,
                rest: Vec::new(),
                round: 0,
            }));
        }
    }
    Ok(None)
}

/// Runs the job: from a status, or from where the round before ended.
pub(crate) async fn run(app: &Arc<App>, status: StatusId, rest: &[Step], round: u32) -> Result<()> {
    let mut walk = Walk::new(rest);
    if round == 0 {
        let Some(start) = start(app, status).await? else { return Ok(()) };
        walk.starts = Some(start.clone());
        walk.meet(start, 0);
    }
    if let Ok(ended) = tokio::time::timeout(PATIENCE, walk.go(app)).await {
        ended?;
    }
    let rest: Vec<Step> = walk.unknown.into_iter().chain(walk.known).collect();
    if walk.taken > 0 && !rest.is_empty() && round + 1 < ROUNDS {
        let host = rest.first().and_then(|step| crate::cards::host_of(&step.id));
        queue(app, Job::CrawlThread { status, host, rest, round: round + 1 }).await?;
    }
    Ok(())
}

/// The id to begin with, if nobody was faster.
async fn start(app: &Arc<App>, status: StatusId) -> Result<Option<Uri>> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let Some(status) = statuses::by_id(conn, status).await? else { return Ok(None) };
            let is_due = status.visibility.is_open()
                && threads::claim_look(conn, status.id, now, now.plus(-REST)).await?;
            if is_due {
                late::link_to(conn, &status).await?;
            }
            Ok::<_, AppError>(status.uri.as_deref().and_then(Uri::parse).filter(|_| is_due))
        })
    })
    .await
}

struct Walk {
    budget: Budget,
    /// The one that was claimed already.
    starts: Option<Uri>,
    seen: HashSet<String>,
    /// Asked for first: each may be a new answer.
    unknown: VecDeque<Step>,
    /// Asked for then: their answers may be new.
    known: VecDeque<Step>,
    taken: usize,
}

impl Walk {
    fn new(rest: &[Step]) -> Self {
        Self {
            budget: Budget::new(BUDGET),
            starts: None,
            seen: rest.iter().map(|step| step.id.clone()).collect(),
            unknown: rest.iter().cloned().collect(),
            known: VecDeque::new(),
            taken: 0,
        }
    }

    /// Puts an id into the line, once.
    fn meet(&mut self, id: Uri, depth: u32) {
        let waiting = self.unknown.len() + self.known.len();
        if depth <= DEPTH && waiting < WAITING && self.seen.insert(id.as_str().to_owned()) {
            self.unknown.push_back(Step { id: id.as_str().to_owned(), depth });
        }
    }

    async fn go(&mut self, app: &Arc<App>) -> Result<()> {
        while !self.budget.is_spent() {
            let (step, is_known) = match self.unknown.pop_front() {
                Some(step) => (step, false),
                None => match self.known.pop_front() {
                    Some(step) => (step, true),
                    None => return Ok(()),
                },
            };
            let Some(id) = Uri::parse(&step.id) else { continue };
            match self.visit(app, &id, &step, is_known).await {
                Err(error @ (AppError::Store(_) | AppError::Internal(_))) => return Err(error),
                Err(error) => tracing::debug!(%id, %error, "no answers were found there"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    async fn visit(&mut self, app: &Arc<App>, id: &Uri, step: &Step, is_known: bool) -> Result<()> {
        if super::local::is_here(app, id) {
            return Ok(());
        }
        if let Some(known) = note::known(app, id).await? {
            let is_start = self.starts.as_ref() == Some(id);
            if !is_start && !is_known {
                // What is not here yet comes first.
                self.known.push_back(step.clone());
                return Ok(());
            }
            if !is_start && !claim(app, known).await? {
                return Ok(());
            }
        }
        let note = note::fetch(app, id, &mut self.budget).await?;
        if note::known(app, &note.id).await?.is_none() {
            if !self.is_answer(app, &note).await? {
                return Ok(());
            }
            let kept = take(app, note.clone(), Arrival::Fetched, &mut self.budget).await?;
            self.taken += 1;
            claim(app, kept).await?;
        }
        self.read_answers(app, &note, step.depth).await
    }

    /// That something answers is for itself to say: a collection may name whatever it likes.
    async fn is_answer(&self, app: &Arc<App>, note: &Note) -> Result<bool> {
        let Some(parent) = &note.in_reply_to else { return Ok(false) };
        let is_open = note.audience.visibility(None).is_open();
        Ok(is_open
            && (self.seen.contains(parent.as_str()) || note::known(app, parent).await?.is_some()))
    }

    /// Meets the answers that a note's own server lists, and the thread if it began there.
    async fn read_answers(&mut self, app: &Arc<App>, note: &Note, depth: u32) -> Result<()> {
        if let Some(replies) = &note.replies {
            for id in replies.items.iter().cloned() {
                self.meet(id, depth + 1);
            }
            let more = replies.next.as_ref().or(replies.id.as_ref());
            self.read(app, note, more, depth + 1).await?;
        }
        if note.in_reply_to.is_none() {
            self.read(app, note, note.context.as_ref(), depth + 1).await?;
        }
        Ok(())
    }

    async fn read(
        &mut self,
        app: &Arc<App>,
        note: &Note,
        list: Option<&Uri>,
        depth: u32,
    ) -> Result<()> {
        let Some(list) = list.filter(|list| list.same_origin(&note.id) && depth <= DEPTH) else {
            return Ok(());
        };
        for item in collection::items(app, list, ANSWERS, &mut self.budget).await? {
            if let Some(id) = item.id().cloned() {
                self.meet(id, depth);
            }
        }
        Ok(())
    }
}

/// Notes that the answers to a status are looked for, unless they were lately. Those that are here
/// and have missed it until now find it: on PostgreSQL both may have come at the same moment.
async fn claim(app: &Arc<App>, id: StatusId) -> Result<bool> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            if !threads::claim_look(conn, id, now, now.plus(-REST)).await? {
                return Ok(false);
            }
            if let Some(status) = statuses::by_id(conn, id).await? {
                late::link_to(conn, &status).await?;
            }
            Ok::<_, AppError>(true)
        })
    })
    .await
}

//! Which filters of the viewer the statuses of a list hit: three queries whatever its length, one
//! when there are no filters.

use std::collections::HashMap;
use std::sync::Arc;

use domain::filter::Filter;
use domain::media::Media;
use domain::rules::filter::Haystack;
use domain::status::Status;
use domain::{AccountId, StatusId};

use super::hydrate::PollView;
use crate::engine::{Conn, Result};
use crate::filters;

/// A filter that a status hits, and by what.
#[derive(Clone, Debug)]
pub struct FilterHit {
    /// The filter.
    pub filter: Arc<Filter>,
    /// Its keywords that stand in the status.
    pub keywords: Vec<String>,
    /// The status itself, when the filter names it.
    pub status: Option<StatusId>,
}

pub(super) async fn load(
    conn: &mut Conn,
    viewer: AccountId,
    rows: &[Status],
    media: &HashMap<StatusId, Vec<Media>>,
    polls: &HashMap<StatusId, PollView>,
) -> Result<HashMap<StatusId, Vec<FilterHit>>> {
    let ids: Vec<StatusId> = rows.iter().map(|status| status.id).collect();
    let found = filters::concerning(conn, viewer, &ids).await?;
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let filters: Vec<Arc<Filter>> = found.into_iter().map(Arc::new).collect();
    let mut hits = HashMap::new();
    for status in rows.iter().filter(|status| status.boost_of.is_none()) {
        let haystack = haystack(status, media.get(&status.id), polls.get(&status.id));
        let of_status: Vec<FilterHit> =
            filters.iter().filter_map(|filter| hit(filter, status.id, &haystack)).collect();
        if !of_status.is_empty() {
            hits.insert(status.id, of_status);
        }
    }
    Ok(hits)
}

fn haystack(status: &Status, media: Option<&Vec<Media>>, poll: Option<&PollView>) -> Haystack {
    let text = domain::text::plain(&status.content);
    let media = media.into_iter().flatten().map(|media| media.description.as_str());
    let options = poll.into_iter().flat_map(|view| &view.poll.options);
    Haystack::new(
        [text.as_str(), status.spoiler_text.as_str()]
            .into_iter()
            .chain(media)
            .chain(options.map(|option| option.title.as_str())),
    )
}

fn hit(filter: &Arc<Filter>, status: StatusId, haystack: &Haystack) -> Option<FilterHit> {
    let keywords: Vec<String> = filter
        .keywords
        .iter()
        .filter(|keyword| haystack.contains(keyword))
        .map(|keyword| keyword.keyword.clone())
        .collect();
    let status = filter.statuses.iter().any(|entry| entry.status_id == status).then_some(status);
    if keywords.is_empty() && status.is_none() {
        return None;
    }
    Some(FilterHit { filter: filter.clone(), keywords, status })
}

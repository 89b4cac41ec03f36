//! What each change does. Every arm either refuses or has done all of its change.

use std::rc::Rc;

use base::{Context, UnixMs};

use crate::{Applied, Change, ChangeError, EntryId, VaultError, content::Content, entry::Entry, record::ValidAccount};

pub(crate) const MAX_ENTRIES: usize = 10_000;
/// A website refuses the code of a counter that is behind at its next use: the remark stays until one worked since.
const RESTORED_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn apply(content: &mut Content, change: Change, context: &mut Context) -> Result<Applied, ChangeError> {
    let now_ms = context.now().millis();
    let entries = &mut content.entries;
    match change {
        Change::Add { account, note, tags, icon, pinned, trashed, restored, source } => {
            if entries.len() >= MAX_ENTRIES {
                return Err(VaultError::TooManyEntries.into());
            }
            let valid = match ValidAccount::new(&account) {
                Ok(valid) => Some(valid),
                Err(_) if source.is_some() => None,
                Err(why) => return Err(why.into()),
            };
            let account = valid.as_ref().map_or(account, ValidAccount::canonical);
            let mut id = EntryId(context.draw());
            while entries.iter().any(|e| e.id == id) {
                id = EntryId(context.draw());
            }
            let entry = Entry {
                id,
                account,
                note,
                tags,
                icon,
                pinned,
                added_ms: now_ms,
                changed_ms: now_ms,
                trashed_ms: trashed.then_some(now_ms),
                restored_ms: restored.then_some(now_ms),
                source,
                account_rest: Rc::default(),
                rest: Rc::default(),
                valid,
            };
            entry.check()?;
            entries.push(entry);
            Ok(done(id, Some(Change::Trash { id })))
        }
        Change::Edit { id, issuer, name, note, tags, icon, account } => {
            let entry = find(entries, id)?;
            let mut next = entry.clone();
            let whole = account.is_some();
            if let Some(account) = account {
                next.account = account;
                next.account_rest = Rc::default();
                next.restored_ms = None;
            }
            let undo = Change::Edit {
                id,
                issuer: swap(&mut next.account.issuer, issuer, whole),
                name: swap(&mut next.account.name, name, whole),
                note: swap(&mut next.note, note, whole),
                tags: swap(&mut next.tags, tags, whole),
                icon: swap(&mut next.icon, icon, whole),
                account: None,
            };
            next.check()?;
            // An entry that this version cannot compute keeps its account as it is, and can still be renamed.
            if whole || next.valid.is_some() {
                let valid = ValidAccount::new(&next.account)?;
                next.account = valid.canonical();
                next.valid = Some(valid);
            }
            next.changed_ms = now_ms;
            *entry = next;
            Ok(done(id, (!whole).then_some(undo)))
        }
        Change::Pin { id, pinned } => {
            let entry = find(entries, id)?;
            let before = core::mem::replace(&mut entry.pinned, pinned);
            entry.changed_ms = now_ms;
            Ok(done(id, Some(Change::Pin { id, pinned: before })))
        }
        Change::Move { id, before } => {
            let from = place(entries, id)?;
            if let Some(before) = before {
                place(entries, before)?;
            }
            let follower = entries.get(from + 1).map(|e| e.id);
            if before != Some(id) {
                let entry = entries.remove(from);
                let to = before.and_then(|b| place(entries, b).ok()).unwrap_or(entries.len());
                entries.insert(to, entry);
            }
            Ok(done(id, Some(Change::Move { id, before: follower })))
        }
        Change::Trash { id } => {
            let entry = find(entries, id)?;
            if entry.trashed_ms.is_some() {
                return Err(VaultError::InTheBin.into());
            }
            entry.trashed_ms = Some(now_ms);
            Ok(done(id, Some(Change::Restore { id })))
        }
        Change::Restore { id } => {
            let entry = find(entries, id)?;
            entry.trashed_ms.take().ok_or(VaultError::NotInTheBin)?;
            Ok(done(id, Some(Change::Trash { id })))
        }
        Change::Remove { id } => {
            let at = place(entries, id)?;
            if entries.get(at).is_none_or(|e| e.trashed_ms.is_none()) {
                return Err(VaultError::NotInTheBin.into());
            }
            entries.remove(at);
            content.note_deleted(id, now_ms);
            Ok(done(id, None))
        }
        Change::Spend { id } => spend(find(entries, id)?, context.now()),
    }
}

fn spend(entry: &mut Entry, now: UnixMs) -> Result<Applied, ChangeError> {
    if entry.trashed_ms.is_some() {
        return Err(VaultError::InTheBin.into());
    }
    let valid = entry.valid.as_ref().ok_or(VaultError::BadAccount)?;
    let counter = valid.counter().ok_or(VaultError::NotCounted)?;
    let code = valid.code_at(now)?.as_str().to_owned();
    let mut account = entry.account.clone();
    account.counter = Some(counter.plus(1)?.value());
    let valid = ValidAccount::new(&account)?;
    entry.account = account;
    entry.valid = Some(valid);
    entry.changed_ms = now.millis();
    entry.restored_ms = entry.restored_ms.filter(|ms| now.millis().saturating_sub(*ms) < RESTORED_MS);
    Ok(Applied { id: entry.id, undo: None, code: Some(code) })
}

/// Puts the new value in place, if there is one, and gives the old one for undo.
fn swap<T>(place: &mut T, new: Option<T>, no_undo: bool) -> Option<T> {
    let old = new.map(|new| core::mem::replace(place, new));
    old.filter(|_| !no_undo)
}

const fn done(id: EntryId, undo: Option<Change>) -> Applied {
    Applied { id, undo, code: None }
}

fn find(entries: &mut [Entry], id: EntryId) -> Result<&mut Entry, VaultError> {
    entries.iter_mut().find(|e| e.id == id).ok_or(VaultError::NoEntry)
}

fn place(entries: &[Entry], id: EntryId) -> Result<usize, VaultError> {
    entries.iter().position(|e| e.id == id).ok_or(VaultError::NoEntry)
}

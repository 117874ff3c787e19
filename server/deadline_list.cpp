#include "server/deadline_list.h"

namespace carillon::server {

void DeadlineList::add(Entry& entry) {
  entry.index_ = entries_.size();
  entries_.push_back(&entry);
}

void DeadlineList::remove(Entry& entry) {
  entries_[entry.index_] = entries_.back();
  entries_[entry.index_]->index_ = entry.index_;
  entries_.pop_back();
}

void DeadlineList::sweep(TimePoint now) {
  for (Entry* entry : entries_) {
    if (entry->deadline_ > now) continue;
    entry->disarm();
    entry->deadline_passed();
  }
}

void DeadlineList::drain_all() {
  for (Entry* entry : entries_) entry->drain();
}

void DeadlineList::abort_all() {
  for (Entry* entry : entries_) entry->abort();
}

}  // namespace carillon::server

// The deadlines of one thread's sessions, kept coarsely: a session notes until when it waits, which
// costs a store, and its thread looks at all of them a few times a second. A timer for each wait
// would cost an allocation and a heap operation for each request.
//
// Belongs to one thread; not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace carillon::server {

class DeadlineList {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // The deadline has passed; it is disarmed. May arm again; must not add or remove entries.
    virtual void deadline_passed() = 0;
    // The server is ending: finish what is under way, take nothing new.
    virtual void drain() = 0;
    // The server does not wait any longer.
    virtual void abort() = 0;

    virtual ~Entry() = default;

   protected:
    void arm(TimePoint deadline) { deadline_ = deadline; }
    void disarm() { deadline_ = TimePoint::max(); }

   private:
    friend class DeadlineList;
    TimePoint deadline_ = TimePoint::max();
    std::size_t index_ = 0;
  };

  void add(Entry& entry);
  void remove(Entry& entry);

  // Tells the entries whose deadline is at or before `now`.
  void sweep(TimePoint now);
  void drain_all();
  void abort_all();

  bool empty() const { return entries_.empty(); }

 private:
  std::vector<Entry*> entries_;
};

}  // namespace carillon::server

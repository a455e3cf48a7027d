package directory

import (
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// record is what a follower remembers of an entry: enough to tell whether it has changed, and when it expires.
type record struct {
	status Status
	base   string
	mark   uint64 // of the name, the state and the stamps; zero: not read yet
}

// mirror is what a follower remembers of all people, by the values of their ids.
type mirror struct {
	mu      sync.Mutex
	records map[string]record
}

func (m *mirror) get(id string) (record, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[id]
	return r, ok
}

func (m *mirror) put(id string, r record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[id] = r
}

func (m *mirror) drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, id)
}

func (m *mirror) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.records)
}

// replace takes over what a complete reading saw.
func (m *mirror) replace(records map[string]record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = records
}

func (m *mirror) copy() map[string]record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.records)
}

// unread tells whether nobody has been read yet.
func (m *mirror) unread() bool { return len(m.others(1, nil)) == 0 }

// others are up to n ids beside the given ones, of people who have been read.
func (m *mirror) others(n int, but map[string]bool) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for id, r := range m.records {
		if len(all) == n {
			break
		}
		if r.mark != 0 && !but[id] {
			all = append(all, id)
		}
	}
	return all
}

// expired marks those as expired whose time is over, and returns them. The second result is when the next one's is;
// zero: nobody's.
func (m *mirror) expired(now time.Time) (over map[string]record, next time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	over = map[string]record{}
	for id, r := range m.records {
		switch later := r.status.At(now); {
		case later.State != r.status.State:
			r.status = later
			m.records[id], over[id] = r, r
		case r.status.State != Disabled && !r.status.Until.IsZero() && (next.IsZero() || r.status.Until.Before(next)):
			next = r.status.Until
		}
	}
	return over, next
}

// stamps are attributes by which servers tell that an entry was written. None is told of everything, and none is
// believed beyond that a different one means a different entry.
var stamps = []string{"entrycsn", "usnchanged", "entryusn", "modifytimestamp"}

// mark is a number for what a sweep sees of an entry. It is never zero.
func (v view) mark(o Object) uint64 {
	sum := hash(o.DN, "")
	for name, values := range o.Attr {
		if v.watched[baseName(name)] {
			for _, value := range values { // whose order means nothing
				sum += hash(name, value)
			}
		}
	}
	return sum | 1
}

func hash(name, value string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, name)
	h.Write([]byte{0})
	io.WriteString(h, value)
	return h.Sum64()
}

// record is what is remembered of an object.
func (v view) record(o Object) record { return record{o.Status, o.Base, v.mark(o)} }

// watching makes a view that asks for the stamps too, and knows the little that a sweep has to ask for.
func (v view) watching() view {
	v.ask = slices.Concat(v.ask, v.stamps)
	v.watched = map[string]bool{}
	for _, name := range slices.Concat(v.stamps, v.States) {
		v.watched[name] = true
	}
	for name := range v.DepartedValues {
		v.watched[strings.ToLower(baseName(name))] = true
	}
	v.lean = append([]string{string(v.IDKind)}, slices.Sorted(maps.Keys(v.watched))...)
	return v
}

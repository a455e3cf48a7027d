package authz

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Snapshot is everything that questions can reach, as of one revision. It never changes and is safe for concurrent use;
// [Snapshot.With] makes the next one, in microseconds however many people there are, because both share what stayed the
// same. The zero Snapshot knows nothing, so nothing is allowed on it.
//
// What is put into a snapshot belongs to it, with everything that it points to, and must not be changed afterwards.
type Snapshot struct {
	rev   int64
	epoch string

	parameters *Parameters
	directory  *Directory
	clock      Clock
	prohibited []string

	subjects  trie[file]
	contracts trie[ContractRecord]
	assets    trie[Asset]
	purposes  trie[Purpose]
	systems   trie[System]
	permits   trie[Permit]
	closeouts []Permit // those that let the work go on after the contract's end
	holds     holdings
}

// ContractRecord is a contract with what hangs on it.
type ContractRecord struct {
	Contract Contract
	// Chains are the hops from each subcontractor up to, not including, the prime contractor, by the subcontractor's
	// organization; see [Facts].
	Chains map[string][]Hop
}

// edits numbers the edits, so that each knows the nodes that it made itself.
var edits atomic.Uint64

// Change is one change to a snapshot.
type Change func(s *Snapshot, edit uint64)

// With returns the snapshot with changes, made in their order. The snapshot itself stays as it is.
func (s *Snapshot) With(changes ...Change) *Snapshot {
	return s.WithAll(slices.Values(changes))
}

// WithAll is [Snapshot.With] for changes that come one after the other, such as the rows of a whole register. It keeps
// none of them in memory.
func (s *Snapshot) WithAll(changes iter.Seq[Change]) *Snapshot {
	next, edit := *s, edits.Add(1)
	for change := range changes {
		change(&next, edit)
	}
	return &next
}

// Rev returns the revision of which the snapshot is, and Epoch the epoch in which revisions count.
func (s *Snapshot) Rev() int64 { return s.rev }

// Epoch returns the epoch in which revisions count.
func (s *Snapshot) Epoch() string { return s.epoch }

// Subjects returns how many subjects the snapshot knows.
func (s *Snapshot) Subjects() int { return s.subjects.size }

// Subject returns everything known of a subject, and false when there is none. Times come back in UTC.
func (s *Snapshot) Subject(id string) (Subject, bool) {
	f := s.subjects.get(id)
	if f == nil {
		return Subject{}, false
	}
	return f.unpack(id), true
}

// IsService tells whether the identifier is that of a service account.
func (s *Snapshot) IsService(id string) bool {
	f := s.subjects.get(id)
	return f != nil && f.person.service
}

// SetRevision says of which revision and epoch the snapshot is.
func SetRevision(rev int64, epoch string) Change {
	return func(s *Snapshot, _ uint64) { s.rev, s.epoch = rev, epoch }
}

// SetParameters sets what the city has settled; nil stands for [DefaultParameters].
func SetParameters(p *Parameters) Change {
	return func(s *Snapshot, _ uint64) { s.parameters = p }
}

// SetDirectory sets when the directory was read; nil says that no directory speaks for accounts.
func SetDirectory(d *Directory) Change {
	return func(s *Snapshot, _ uint64) { s.directory = d }
}

// SetClock sets what is known of the clock.
func SetClock(c Clock) Change {
	return func(s *Snapshot, _ uint64) { s.clock = c }
}

// SetProhibited sets the purposes that are prohibited under every contract.
func SetProhibited(purposes ...string) Change {
	return func(s *Snapshot, _ uint64) { s.prohibited = purposes }
}

// PutSubject puts a subject in the place of the one with the same identifier.
func PutSubject(subject Subject) Change {
	return func(s *Snapshot, edit uint64) { s.subjects.put(edit, subject.Person.ID, subject.pack()) }
}

// Use notes that a right of a person, or of a service account, allowed at a moment. An earlier use than is known, and
// that of a right that nobody has, changes nothing.
func Use(person, right string, at time.Time) Change {
	return func(s *Snapshot, edit uint64) {
		if f := s.subjects.get(person); f != nil {
			s.subjects.put(edit, person, f.used(right, moment(at)))
		}
	}
}

// DropSubject forgets a subject.
func DropSubject(id string) Change {
	return func(s *Snapshot, edit uint64) { s.subjects.drop(edit, id) }
}

// PutContract puts a contract in the place of the one with the same identifier.
func PutContract(record ContractRecord) Change {
	return func(s *Snapshot, edit uint64) { s.contracts.put(edit, record.Contract.ID, record) }
}

// DropContract forgets a contract.
func DropContract(id string) Change {
	return func(s *Snapshot, edit uint64) { s.contracts.drop(edit, id) }
}

// PutAsset puts an asset in the place of the one with the same identifier. Containers that hold it are put again, too:
// they hold their members as they were.
func PutAsset(asset Asset) Change {
	return func(s *Snapshot, edit uint64) { s.assets.put(edit, asset.ID, asset) }
}

// DropAsset forgets an asset.
func DropAsset(id string) Change {
	return func(s *Snapshot, edit uint64) { s.assets.drop(edit, id) }
}

// PutPurpose puts a purpose in the place of the one with the same code.
func PutPurpose(purpose Purpose) Change {
	return func(s *Snapshot, edit uint64) { s.purposes.put(edit, purpose.Code, purpose) }
}

// DropPurpose forgets a purpose.
func DropPurpose(code string) Change {
	return func(s *Snapshot, edit uint64) { s.purposes.drop(edit, code) }
}

// PutSystem puts a system in the place of the one with the same identifier.
func PutSystem(system System) Change {
	system.Scopes = slices.SortedFunc(slices.Values(system.Scopes), compareScopes)
	return func(s *Snapshot, edit uint64) { s.systems.put(edit, system.ID, system) }
}

// DropSystem forgets a system.
func DropSystem(id string) Change {
	return func(s *Snapshot, edit uint64) { s.systems.drop(edit, id) }
}

// compareScopes orders the scopes of a system by contract and asset, so that those of one question lie together.
func compareScopes(a, b Scope) int {
	return cmp.Or(strings.Compare(a.Contract, b.Contract), strings.Compare(a.Asset, b.Asset))
}

// PutPermit puts a permit in the place of the one with the same identifier.
func PutPermit(permit Permit) Change {
	return func(s *Snapshot, edit uint64) {
		s.permits.put(edit, permit.ID, permit)
		s.closeouts = otherThan(s.closeouts, permit.ID)
		if permit.CloseOut {
			s.closeouts = append(slices.Clip(s.closeouts), permit)
		}
	}
}

// DropPermit forgets a permit.
func DropPermit(id string) Change {
	return func(s *Snapshot, edit uint64) {
		s.permits.drop(edit, id)
		s.closeouts = otherThan(s.closeouts, id)
	}
}

// otherThan returns the permits with another identifier.
func otherThan(permits []Permit, id string) []Permit {
	at := slices.IndexFunc(permits, func(p Permit) bool { return p.ID == id })
	if at < 0 {
		return permits
	}
	return slices.Concat(permits[:at], permits[at+1:])
}

// PutHold puts a hold in the place of the one with the same identifier.
func PutHold(hold Hold) Change {
	return func(s *Snapshot, _ uint64) { s.holds = s.holds.without(hold.ID).with(hold) }
}

// DropHold forgets a hold.
func DropHold(id string) Change {
	return func(s *Snapshot, _ uint64) { s.holds = s.holds.without(id) }
}

// Chained tells whether the snapshot knows a chain from an organization up to the prime contractor of a contract.
func (s *Snapshot) Chained(contract, organization string) bool {
	record := s.contracts.get(contract)
	if record == nil {
		return false
	}
	_, known := record.Chains[organization]
	return known
}

// Spend counts one more use of a permit, of so many records.
func Spend(permit string, rows int) Change {
	return func(s *Snapshot, edit uint64) {
		if p := s.permits.get(permit); p != nil {
			used := *p
			used.UsesMade, used.RowsUsed = used.UsesMade+1, used.RowsUsed+rows
			PutPermit(used)(s, edit)
		}
	}
}

// All yields every subject after one, in an order of its own, the same for every snapshot.
func (s *Snapshot) All(after string) iter.Seq[Subject] {
	return func(yield func(Subject) bool) {
		s.subjects.walk(after, func(id string, f *file) bool { return yield(f.unpack(id)) })
	}
}

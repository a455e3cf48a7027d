package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Submitted is an answer to Submit.
type Submitted struct {
	Submission string            `json:"submission"`
	Changes    []SubmittedChange `json:"changes"`
	Warnings   meibo.Problems    `json:"warnings,omitempty"`
	Rows       []meibo.RowEffect `json:"rows"`
}

// A SubmittedChange is one contract's part of a submission that holds, or that
// waits.
type SubmittedChange struct {
	ID       meibo.ChangeID    `json:"id"`
	Contract meibo.ContractID  `json:"contract"`
	State    meibo.ChangeState `json:"state"`
	Version  int               `json:"version,omitempty"` // roster version that it cut
}

// Submit takes a contractor's changes: all lines or none. The error of kind
// ErrInvalid names every problem of every line at once. What takes away is in
// force when the call returns; what adds or widens waits for approval.
func (l *Ledger) Submit(ctx context.Context, c meibo.Caller, key string, lines []meibo.Line) (Submitted, error) {
	return l.submitLines(ctx, deed{caller: c, act: meibo.ActSubmit, key: key, asked: lines}, lines, nil)
}

// submitLines is Submit, with the package that the lines came in, if there is one.
func (l *Ledger) submitLines(ctx context.Context, d deed, lines []meibo.Line, pack []byte) (Submitted, error) {
	named, err := l.prepare(ctx, d.caller, lines)
	if err != nil {
		return Submitted{}, err
	}
	defer l.bound(named)
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (Submitted, outcome, error) {
		answer := Submitted{Submission: s.NewID()}
		parts, err := l.submit(&tx.Reader, s, answer.Submission, lines, named)
		if err != nil {
			return answer, outcome{}, err
		}
		var list []*meibo.Book
		out := outcome{subjects: []string{answer.Submission}}
		for _, p := range parts {
			list = append(list, p.book)
			for _, ch := range p.submission.Changes {
				answer.Changes = append(answer.Changes, SubmittedChange{ch.ID, ch.ContractID, ch.State, ch.Version})
				out.subjects = append(out.subjects, string(ch.ID))
			}
			answer.Warnings = append(answer.Warnings, p.submission.Warnings...)
			answer.Rows = append(answer.Rows, p.submission.Rows...)
		}
		if len(parts) == 1 {
			out.contract = parts[0].book.Contract.ID
		}
		answer.Warnings = inOrder(answer.Warnings)
		if out.rows, err = settled(tx, list...); err != nil {
			return answer, out, err
		}
		if pack != nil {
			kept, err := once(tx, s, pack)
			if err != nil {
				return answer, out, err
			}
			out.rows, out.subjects = append(out.rows, kept), append(out.subjects, string(kept.ID))
		}
		out.rows, err = leaveElsewhere(tx, s, list, out.rows)
		return answer, out, err
	})
}

// bound has the entries looked at again to which lines have bound people.
func (l *Ledger) bound(named map[int]meibo.Named) {
	if l.directory == nil || l.directory.Bound == nil {
		return
	}
	var entries []string
	for _, n := range named {
		if n.Account != nil {
			entries = append(entries, n.Account.Entry)
		}
	}
	slices.Sort(entries)
	l.directory.Bound(slices.Compact(entries))
}

// leaveElsewhere: who was reported to have left the company leaves the rosters of
// its other contracts, too.
func leaveElsewhere(tx *store.Tx, s meibo.Scene, here []*meibo.Book, rows []any) ([]any, error) {
	gone, named := leavers(here, s.Now)
	if len(gone) == 0 {
		return rows, nil
	}
	more, err := depart(tx, s, gone, named)
	return append(rows, more...), err
}

// leavers are the people whom books let leave the company just now, and the
// contracts of the books.
func leavers(here []*meibo.Book, now meibo.Instant) (gone []meibo.PersonID, named map[meibo.ContractID]bool) {
	named = map[meibo.ContractID]bool{}
	for _, b := range here {
		named[b.Contract.ID] = true
		for _, p := range b.People.Written() {
			if p.DepartedAt == now {
				gone = append(gone, p.ID)
			}
		}
	}
	return gone, named
}

// A Preview is what a submission would do to one contract.
type Preview struct {
	Contract   meibo.Contract
	Submission meibo.Submission
}

// Preview tells what Submit would do, and does nothing.
func (l *Ledger) Preview(ctx context.Context, c meibo.Caller, lines []meibo.Line) ([]Preview, error) {
	named, err := l.prepare(ctx, c, lines)
	if err != nil {
		return nil, err
	}
	var previews []Preview
	err = l.db.View(ctx, func(r *store.Reader) error {
		parts, err := l.submit(r, meibo.Scene{Caller: c, Now: r.Now, NewID: newID}, "preview", lines, named)
		for _, p := range parts {
			previews = append(previews, Preview{p.book.Contract, p.submission})
		}
		return err
	})
	return previews, wrap("preview change", err)
}

// prepare refuses what cannot be a submission, and asks the directory for the
// people whom lines name by login: no transaction waits for the directory.
func (l *Ledger) prepare(ctx context.Context, c meibo.Caller, lines []meibo.Line) (map[int]meibo.Named, error) {
	if err := l.mayAnywhere(c, verbSubmit); err != nil {
		return nil, err
	}
	switch {
	case len(lines) == 0:
		return nil, meibo.Problems{{Field: "lines", Code: "EMPTY_FILE"}}
	case len(lines) > meibo.MaxLines:
		return nil, meibo.Problems{{Field: "lines", Code: "TOO_MANY_ROWS"}}
	}
	if ps := sameRow(lines); ps != nil {
		return nil, ps
	}
	return l.name(ctx, c, lines)
}

// A part is what a submission does to one contract.
type part struct {
	book       *meibo.Book
	submission meibo.Submission
}

// submit lets each contract's book judge its lines, one after the other in the
// order of the contracts' ids, and collects the problems of all.
func (l *Ledger) submit(r *store.Reader, s meibo.Scene, id string, lines []meibo.Line, named map[int]meibo.Named) ([]part, error) {
	byContract := map[meibo.ContractID][]meibo.Line{}
	for _, line := range lines {
		byContract[line.ContractID] = append(byContract[line.ContractID], line)
	}
	ids := make([]meibo.ContractID, 0, len(byContract))
	for contract := range byContract {
		ids = append(ids, contract)
	}
	slices.Sort(ids)
	problems := twice(lines)
	var parts []part
	met := map[string]meibo.Person{}
	for _, contract := range ids {
		own := byContract[contract]
		b, err := l.book(r, s.Caller, contract, verbSubmit, peopleOf(own, named)...)
		if errors.Is(err, meibo.ErrNotFound) || errors.Is(err, meibo.ErrForbidden) {
			problems = append(problems, unknownContract(own)...)
			continue
		}
		if err != nil {
			return nil, err
		}
		submission, err := submitTo(b, s, id, own, named, met)
		var ps meibo.Problems
		if errors.As(err, &ps) {
			problems = append(problems, ps...)
		} else if err != nil {
			return nil, err
		}
		parts = append(parts, part{b, submission})
	}
	if len(problems.Fatal()) > 0 {
		return nil, inOrder(problems)
	}
	return parts, nil
}

// submitTo submits to one book. People whom an earlier contract of the same
// submission made are the same people here.
func submitTo(b *meibo.Book, s meibo.Scene, id string, lines []meibo.Line, named map[int]meibo.Named, met map[string]meibo.Person) (meibo.Submission, error) {
	mine := map[int]meibo.Named{}
	for _, line := range lines {
		n := named[line.Row]
		if p, ok := met[n.LoginKey]; ok && n.LoginKey != "" {
			b.Meet(p, accountOf(p, n))
			n.PersonID = p.ID
		}
		mine[line.Row] = n
	}
	submission, err := b.Submit(s, id, lines, mine)
	for _, p := range b.People.Written() {
		met[p.LoginKey] = p
	}
	return submission, err
}

func accountOf(p meibo.Person, n meibo.Named) *meibo.Account {
	if n.Account == nil {
		return nil
	}
	a := *n.Account
	a.PersonID = p.ID
	return &a
}

// sameRow finds rows that name two lines: nobody could tell which is meant.
func sameRow(lines []meibo.Line) meibo.Problems {
	var ps meibo.Problems
	seen := map[int]bool{}
	for _, line := range lines {
		if seen[line.Row] {
			ps = append(ps, meibo.Problem{Row: line.Row, Field: "row", Code: "DUPLICATE_ROW"})
		}
		seen[line.Row] = true
	}
	return ps
}

// twice finds lines that say the same.
func twice(lines []meibo.Line) meibo.Problems {
	var ps meibo.Problems
	seen := make(map[meibo.Line]bool, len(lines))
	for _, line := range lines {
		row := line.Row
		line.Row = 0
		if seen[line] {
			ps = append(ps, meibo.Problem{Row: row, Field: "operation", Code: "DUPLICATE_ROW"})
		}
		seen[line] = true
	}
	return ps
}

// unknownContract: who has no part in a contract cannot tell whether it exists.
func unknownContract(lines []meibo.Line) meibo.Problems {
	var ps meibo.Problems
	for _, line := range lines {
		code := meibo.ProblemCode("CONTRACT_UNKNOWN")
		if line.ContractID == "" {
			code = "REQUIRED"
		}
		ps = append(ps, meibo.Problem{Row: line.Row, Field: "contract", Code: code})
	}
	return ps
}

func peopleOf(lines []meibo.Line, named map[int]meibo.Named) []meibo.PersonID {
	seen := map[meibo.PersonID]bool{"": true}
	var ids []meibo.PersonID
	for _, line := range lines {
		for _, id := range []meibo.PersonID{line.PersonID, named[line.Row].PersonID} {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

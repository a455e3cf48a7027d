package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Letter is a notice that is to be sent now, with all that it says: contract
// number, version, counts, hash and the signed head of the log. It speaks of no
// person.
type Letter struct {
	Notice     meibo.Notice
	Way        meibo.NoticeWay
	To         []string // mail addresses
	Contract   meibo.Contract
	Roster     meibo.Roster // of the version that it speaks of, without its document
	Checkpoint string
	AnswerBy   meibo.Date // last open day for the city to answer, if it is told today
}

// TakeNotices begins attempts that are due, at most so many, and hands out their
// letters. host is the name under which message ids are made; only what goes by one
// of the ways is taken.
func (l *Ledger) TakeNotices(ctx context.Context, host string, most int, ways ...meibo.NoticeWay) ([]Letter, error) {
	due, err := l.dueNotices(ctx, 1, ways)
	if err != nil || len(due) == 0 {
		return nil, wrap("take notices", err)
	}
	var letters []Letter
	d := deed{itself, meibo.ActSendNotice, newID(), nil}
	_, err = write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
		letters = nil
		due, err := lettersDue(&tx.Reader, most, ways)
		if err != nil {
			return struct{}{}, outcome{}, err
		}
		var out outcome
		for _, letter := range due {
			letter.Notice = letter.Notice.Take(s.Now, letter.Way, fmt.Sprintf("<%s@%s>", letter.Notice.ID, host))
			letters = append(letters, letter)
			out.rows, out.subjects = append(out.rows, letter.Notice), append(out.subjects, string(letter.Notice.ID))
		}
		return struct{}{}, out, nil
	})
	return letters, err
}

func (l *Ledger) dueNotices(ctx context.Context, most int, ways []meibo.NoticeWay) (due []Letter, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		due, err = lettersDue(r, most, ways)
		return err
	})
	return due, err
}

// lettersDue are the letters whose turn it is by one of the ways, at most so many.
func lettersDue(r *store.Reader, most int, ways []meibo.NoticeWay) ([]Letter, error) {
	open, err := r.OpenNotices()
	if err != nil {
		return nil, err
	}
	var due []Letter
	for _, n := range meibo.NextToSend(open, r.Now) {
		if len(due) == most {
			break
		}
		letter, err := letterOf(r, n)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ways, letter.Way) {
			due = append(due, letter)
		}
	}
	return due, nil
}

func letterOf(r *store.Reader, n meibo.Notice) (Letter, error) {
	letter := Letter{Notice: n}
	var err error
	nameless := r.Nameless() // a row of names that does not open must not stop the others' letters
	if letter.Contract, err = store.One[meibo.Contract](nameless, n.ContractID); err != nil {
		return letter, err
	}
	receiver, err := store.One[meibo.Organization](r, n.OrganizationID)
	if err != nil {
		return letter, err
	}
	letter.Way = letter.Contract.WayOf(n)
	letter.To = receiver.NoticeTo
	if receiver.Kind == meibo.City && !n.Second() {
		letter.To = letter.Contract.NoticeTo
	}
	letter.To = n.Addressees(letter.To)
	if n.Version > 0 {
		if letter.Roster, err = nameless.Roster(n.ContractID, n.Version); err != nil {
			return letter, err
		}
	}
	calendar, err := r.Calendar()
	if err != nil {
		return letter, err
	}
	letter.AnswerBy = calendar.AnswerBy(r.Now.Day())
	_, letter.Checkpoint, err = r.Head()
	return letter, err
}

// SettleNotice records what the attempt of a letter came to. Where the letter was
// taken, the rights that waited for it are open when the call returns. An attempt
// that is not the one under way, because another sender has taken the notice or a
// person has handed it over, is ErrConflict.
func (l *Ledger) SettleNotice(ctx context.Context, letter Letter, a meibo.Attempt) error {
	id := letter.Notice.ID
	d := deed{itself, meibo.ActSettleNotice, newID(), []any{id, a}}
	_, err := l.changeNotice(ctx, d, id, "", func(n meibo.Notice, now meibo.Instant) (meibo.Notice, error) {
		if n.State != meibo.NoticeSending || n.Attempts != letter.Notice.Attempts {
			return n, fmt.Errorf("%w: notice %s is %s, attempt %d", meibo.ErrConflict, id, n.State, n.Attempts)
		}
		return n.Settle(a, now), nil
	})
	return err
}

// A NoticeAnswer is an answer to what was done to a notice.
type NoticeAnswer struct {
	ID    meibo.NoticeID    `json:"id"`
	State meibo.NoticeState `json:"state"`
}

// RetryNotice lets a notice be tried again that failed or bounced, or whose package
// is to be written anew.
func (l *Ledger) RetryNotice(ctx context.Context, c meibo.Caller, key string, id meibo.NoticeID) (NoticeAnswer, error) {
	return l.changeNotice(ctx, deed{c, meibo.ActRetryNotice, key, []string{"retry", string(id)}}, id, verbRetryNotice,
		func(n meibo.Notice, now meibo.Instant) (meibo.Notice, error) { return n.Retry(now) })
}

// HandOver records that a person handed a notice over: from then on the city is
// notified.
func (l *Ledger) HandOver(ctx context.Context, c meibo.Caller, key string, id meibo.NoticeID) (NoticeAnswer, error) {
	return l.changeNotice(ctx, deed{c, meibo.ActSettleNotice, key, []string{"hand-over", string(id)}}, id, verbReportNotice,
		func(n meibo.Notice, now meibo.Instant) (meibo.Notice, error) { return n.HandOver(now) })
}

// Bounced records that a notice came back although it had been taken: what it
// opened is closed when the call returns.
func (l *Ledger) Bounced(ctx context.Context, c meibo.Caller, key string, id meibo.NoticeID) (NoticeAnswer, error) {
	return l.changeNotice(ctx, deed{c, meibo.ActSettleNotice, key, []string{"bounce", string(id)}}, id, verbReportNotice,
		func(n meibo.Notice, _ meibo.Instant) (meibo.Notice, error) { return n.Bounce() })
}

func (l *Ledger) changeNotice(ctx context.Context, d deed, id meibo.NoticeID, verb string,
	change func(meibo.Notice, meibo.Instant) (meibo.Notice, error)) (NoticeAnswer, error) {
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (NoticeAnswer, outcome, error) {
		n, err := store.One[meibo.Notice](&tx.Reader, id)
		if err != nil {
			return NoticeAnswer{}, outcome{}, err
		}
		if verb != "" {
			if err := l.mayNotice(&tx.Reader, d.caller, n, verb); err != nil {
				return NoticeAnswer{}, outcome{}, err
			}
		}
		before := n
		if n, err = change(n, s.Now); err != nil {
			return NoticeAnswer{}, outcome{}, err
		}
		calendar, err := tx.Calendar()
		if err != nil {
			return NoticeAnswer{}, outcome{}, err
		}
		all, err := tx.Notices(n.ContractID)
		if err != nil {
			return NoticeAnswer{}, outcome{}, err
		}
		if before.State == meibo.NoticeSending {
			n = n.Moot(all)
		}
		n = n.Dated(before, calendar, s.Now)
		out := outcome{contract: n.ContractID, subjects: []string{string(id)}, note: string(n.State), rows: []any{n}}
		for _, moot := range meibo.Supersede(all, n) {
			moot = moot.Dated(moot, calendar, s.Now)
			out.rows, out.subjects = append(out.rows, moot), append(out.subjects, string(moot.ID))
		}
		return NoticeAnswer{n.ID, n.State}, out, nil
	})
}

// mayNotice: a notice concerns its receiver, the contract's prime and whoever
// runs meibo.
func (l *Ledger) mayNotice(r *store.Reader, c meibo.Caller, n meibo.Notice, verb string) error {
	own := c.Client.OrganizationID
	if own != Operator && own != n.OrganizationID {
		city, err := r.City()
		if err != nil {
			return err
		}
		contract, err := store.One[meibo.Contract](r, n.ContractID)
		if err != nil {
			return err
		}
		if own != city.ID && own != contract.PrimeID {
			return meibo.ErrNotFound
		}
	}
	return l.may(c, n.ContractID, verb)
}

// Notices lists the notices of a contract, or of all that the caller may see.
func (l *Ledger) Notices(ctx context.Context, c meibo.Caller, contract meibo.ContractID) ([]meibo.Notice, error) {
	if err := l.mayAnywhere(c, verbReadNotice); err != nil {
		return nil, err
	}
	var list []meibo.Notice
	err := l.db.View(ctx, func(r *store.Reader) error {
		all, err := r.Notices(contract)
		if err != nil {
			return err
		}
		for _, n := range all {
			n, err := l.seen(r, c, n)
			if errors.Is(err, meibo.ErrNotFound) || errors.Is(err, meibo.ErrForbidden) {
				continue
			}
			if err != nil {
				return err
			}
			list = append(list, n)
		}
		return nil
	})
	return list, wrap("list notices", err)
}

// Notice reads one notice.
func (l *Ledger) Notice(ctx context.Context, c meibo.Caller, id meibo.NoticeID) (n meibo.Notice, err error) {
	if err := l.mayAnywhere(c, verbReadNotice); err != nil {
		return n, err
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		if n, err = store.One[meibo.Notice](r, id); err == nil {
			n, err = l.seen(r, c, n)
		}
		return err
	})
	return n, wrap("read notice", err)
}

// seen is a notice as the caller may see it: a contractor does not see at which of
// the city's addresses it was taken.
func (l *Ledger) seen(r *store.Reader, c meibo.Caller, n meibo.Notice) (meibo.Notice, error) {
	if err := l.mayNotice(r, c, n, verbReadNotice); err != nil {
		return meibo.Notice{}, err
	}
	if own := c.Client.OrganizationID; own == Operator || own == n.OrganizationID {
		return n, nil
	}
	city, err := r.City()
	if err == nil && city.ID != c.Client.OrganizationID {
		n.Receipts.V = nil
	}
	return n, err
}

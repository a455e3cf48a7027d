package ledger

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A PledgeAnswer is an answer to what was done to a pledge.
type PledgeAnswer struct {
	ID    meibo.PledgeID    `json:"id"`
	State meibo.PledgeState `json:"state"`
	// Hash is the SHA-256 of the text that is to be agreed to. It is not kept with the
	// answer: a name can be tried against it, and it goes when the text does.
	Hash string `json:"-"`
}

// RequestPledge asks a person of the contract for a pledge on a version of the
// wording; 0: the newest.
func (l *Ledger) RequestPledge(ctx context.Context, c meibo.Caller, key string, contract meibo.ContractID, person meibo.PersonID, version int) (PledgeAnswer, error) {
	d := deed{c, meibo.ActRequestPledge, key, []any{contract, person, version}}
	return l.pledgeIn(ctx, d, contract, verbRequestPledge, nil,
		func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, error) { return b.RequestPledge(s, person, version) })
}

// SignPledge records that the person signed. hash is the SHA-256 of the text
// that was shown to the person; the password proves, by a bind to the directory
// in this call, that it is this person. It is neither kept nor logged.
func (l *Ledger) SignPledge(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID, hash, password string) (PledgeAnswer, error) {
	d := deed{c, meibo.ActSignPledge, key, []string{string(id), hash}}
	if answer, done, err := answered[PledgeAnswer](ctx, l, d); done || err != nil {
		return l.hashed(ctx, answer, err)
	}
	p, account, err := l.signer(ctx, c, id)
	if err != nil {
		return PledgeAnswer{}, wrap("sign pledge", err)
	}
	if err := l.proveIdentity(ctx, account, password); err != nil {
		return PledgeAnswer{}, wrap("sign pledge", err)
	}
	evidence, err := meibo.Canonical(map[string]string{"way": "directory-bind", "entry": account.Entry, "hash": hash})
	if err != nil {
		return PledgeAnswer{}, err
	}
	return l.pledgeIn(ctx, d, p.ContractID, verbSignPledge, nil,
		func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, error) { return b.Sign(s, id, hash, string(evidence)) })
}

// signer finds the pledge and the account of the person who is to sign it.
func (l *Ledger) signer(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (p meibo.Pledge, a meibo.Account, err error) {
	if l.directory == nil {
		return p, a, meibo.Refuse(meibo.ErrConflict, "NO_DIRECTORY")
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		if p, err = store.One[meibo.Pledge](r, id); err != nil {
			return err
		}
		b, err := l.book(r, c, p.ContractID, verbSignPledge)
		if err != nil {
			return err
		}
		if !whole(b, c) && p.EmployerID != c.Client.OrganizationID {
			return meibo.ErrNotFound
		}
		account, err := r.Account(p.PersonID)
		if err != nil {
			return err
		}
		if account == nil || account.State != meibo.AccountEnabled {
			return meibo.Refuse(meibo.ErrForbidden, "CREDENTIALS_REFUSED")
		}
		a = *account
		return nil
	})
	return p, a, err
}

// proveIdentity binds to the directory as the account's entry.
func (l *Ledger) proveIdentity(ctx context.Context, a meibo.Account, password string) error {
	if !l.tries.allow(a.Entry, l.Now()) {
		return meibo.Refuse(meibo.ErrBusy, "TOO_MANY_TRIES")
	}
	err := l.directory.Authenticate(ctx, a.Entry, password)
	switch {
	case errors.Is(err, meibo.ErrForbidden):
		l.tries.failed(a.Entry, l.Now())
		return meibo.Refuse(meibo.ErrForbidden, "CREDENTIALS_REFUSED")
	case err != nil:
		return meibo.Refuse(meibo.ErrBusy, "DIRECTORY_UNAVAILABLE")
	}
	return nil
}

// VerifyPledge accepts a recorded paper, or rejects it for a reason. Whoever
// recorded it, and the person who signed it, cannot. seen is the SHA-256 of the paper
// that was looked at: another one is not verified; empty: whichever is recorded.
func (l *Ledger) VerifyPledge(ctx context.Context, c meibo.Caller, key string, id meibo.PledgeID, reject meibo.RejectReason, seen string) (PledgeAnswer, error) {
	act := meibo.ActVerifyPledge
	if reject != "" {
		act = meibo.ActRejectPledge
		if !reject.Known() {
			return PledgeAnswer{}, meibo.Problems{{Field: "reason", Code: "UNKNOWN_VALUE"}}
		}
	}
	var recorded meibo.DocumentID
	if seen != "" {
		paper, err := l.PledgePaper(ctx, c, id)
		if err != nil {
			return PledgeAnswer{}, err
		}
		if paper.Hash != seen {
			return PledgeAnswer{}, meibo.Refuse(meibo.ErrConflict, "PAPER_DIFFERS")
		}
		recorded = paper.ID
	}
	return l.pledgeOf(ctx, deed{c, act, key, []string{string(id), string(reject), seen}}, id, verbVerifyPledge,
		func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, []any, error) {
			p, err := b.VerifyPaper(s, id, reject)
			if err == nil && seen != "" && p.DocumentID != recorded {
				err = meibo.Refuse(meibo.ErrConflict, "PAPER_DIFFERS")
			}
			return p, nil, err
		})
}

// pledgeOf finds the contract of a pledge, and does something to it.
func (l *Ledger) pledgeOf(ctx context.Context, d deed, id meibo.PledgeID, verb string,
	do func(*meibo.Book, meibo.Scene) (meibo.Pledge, []any, error)) (PledgeAnswer, error) {
	var p meibo.Pledge
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		p, err = store.One[meibo.Pledge](r, id)
		return err
	})
	if err != nil {
		return PledgeAnswer{}, wrap(string(d.act), err)
	}
	var extra []any
	return l.pledgeIn(ctx, d, p.ContractID, verb, &extra, func(b *meibo.Book, s meibo.Scene) (meibo.Pledge, error) {
		p, more, err := do(b, s)
		extra = more
		return p, err
	})
}

// pledgeIn does something to a pledge of a contract and writes it down, after
// the extra rows that it refers to.
func (l *Ledger) pledgeIn(ctx context.Context, d deed, contract meibo.ContractID, verb string, extra *[]any,
	do func(*meibo.Book, meibo.Scene) (meibo.Pledge, error)) (PledgeAnswer, error) {
	answer, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (PledgeAnswer, outcome, error) {
		b, err := l.book(&tx.Reader, d.caller, contract, verb)
		if err != nil {
			return PledgeAnswer{}, outcome{}, err
		}
		p, err := do(b, s)
		if err != nil {
			return PledgeAnswer{}, outcome{}, err
		}
		rows, err := settled(tx, b)
		if extra != nil {
			rows = append(*extra, rows...)
		}
		out := outcome{contract: contract, subjects: []string{string(p.ID), string(p.PersonID)}, note: string(p.State), rows: rows}
		return PledgeAnswer{p.ID, p.State, p.TextHash}, out, err
	})
	return l.hashed(ctx, answer, err)
}

// hashed is the answer to a repetition with the hash that is not kept with it.
func (l *Ledger) hashed(ctx context.Context, a PledgeAnswer, err error) (PledgeAnswer, error) {
	if err != nil || a.Hash != "" {
		return a, err
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		p, err := store.One[meibo.Pledge](r, a.ID)
		a.Hash = p.TextHash
		return err
	})
	return a, wrap("read pledge", err)
}

// Pledges lists a contract's pledges without their texts. A hop of the chain
// sees those of its own people.
func (l *Ledger) Pledges(ctx context.Context, c meibo.Caller, contract meibo.ContractID) ([]meibo.Pledge, error) {
	var list []meibo.Pledge
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadPledge)
		if err != nil {
			return err
		}
		all, err := r.Pledges(contract)
		for _, p := range all {
			if whole(b, c) || p.EmployerID == c.Client.OrganizationID {
				p.Text, p.Evidence = "", ""
				list = append(list, p)
			}
		}
		return err
	})
	return list, wrap("list pledges", err)
}

// Pledge reads one pledge with the exact text.
func (l *Ledger) Pledge(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (meibo.Pledge, error) {
	var p meibo.Pledge
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if p, err = store.One[meibo.Pledge](r, id); err != nil {
			return err
		}
		b, err := l.book(r, c, p.ContractID, verbReadPledge)
		if err == nil && !whole(b, c) && p.EmployerID != c.Client.OrganizationID {
			return meibo.ErrNotFound
		}
		return err
	})
	return p, wrap("read pledge", err)
}

// answered looks whether a deed was done before, so that a repetition asks the
// directory for nothing.
func answered[A any](ctx context.Context, l *Ledger, d deed) (answer A, done bool, err error) {
	before, err := l.Request(ctx, d.caller, d.key)
	switch {
	case errors.Is(err, meibo.ErrNotFound):
		return answer, false, nil
	case err != nil:
		return answer, false, err
	}
	asked, err := meibo.Canonical(d.asked)
	if err != nil {
		return answer, false, err
	}
	if before.Act != d.act || before.Digest != l.secrets.hash("request", string(d.act), string(asked)) {
		return answer, false, meibo.Refuse(meibo.ErrConflict, "IDEMPOTENCY_KEY_REUSED")
	}
	return answer, true, json.Unmarshal([]byte(before.Answer), &answer)
}

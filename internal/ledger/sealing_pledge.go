package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// atOnce bounds how many pledges one round seals.
const atOnce = 50

func pledgePaper(id meibo.PledgeID) meibo.SealedPaper {
	return meibo.SealedPaper{OfTable: meibo.PledgesTable, OfKey: string(id), Form: string(document.PaperPDF)}
}

// SealPledges makes and seals the documents of pledges that became valid, the
// oldest first, each in a transaction of its own; nothing waits inside one. It
// returns how many, and why a timestamp is missing where one is. A pledge whose
// sealing was broken off is sealed by the next round; one that cannot be sealed keeps
// no other waiting, and is in the error.
func (l *Ledger) SealPledges(ctx context.Context, sealer *seal.Sealer) (sealed int, plain, err error) {
	failed := map[meibo.PledgeID]error{}
	for {
		var due []meibo.Pledge
		err := l.db.View(ctx, func(r *store.Reader) (err error) {
			due, err = r.PledgesToSeal(atOnce + len(failed))
			return err
		})
		due = slices.DeleteFunc(due, func(p meibo.Pledge) bool { return failed[p.ID] != nil })
		if err != nil || len(due) == 0 || ctx.Err() != nil {
			return sealed, plain, wrap("seal pledges", errors.Join(append(slices.Collect(maps.Values(failed)), err, ctx.Err())...))
		}
		for _, p := range due {
			why, err := l.sealPledge(ctx, sealer, p)
			if err != nil {
				failed[p.ID] = fmt.Errorf("%s: %w", p.ID, err)
				continue
			}
			sealed, plain = sealed+1, errors.Join(plain, why)
		}
	}
}

func (l *Ledger) sealPledge(ctx context.Context, sealer *seal.Sealer, p meibo.Pledge) (plain, err error) {
	paper := document.Pledge{Pledge: p, Fonts: l.fonts}
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		if _, paper.Checkpoint, err = r.Head(); err != nil || p.DocumentID == "" {
			return err
		}
		scan, err := store.One[meibo.Document](r, p.DocumentID)
		paper.PaperHash = scan.Hash
		return err
	})
	if err != nil {
		return nil, err
	}
	still := func(r *store.Reader) error {
		now, err := store.One[meibo.Pledge](r.Nameless(), p.ID)
		if err == nil && now.State == meibo.PledgeDisposed { // while the timestamp was waited for
			err = meibo.Refuse(meibo.ErrConflict, "PLEDGE_DISPOSED")
		}
		return err
	}
	return l.seal(ctx, sealer, unsealed{
		of: pledgePaper(p.ID), act: meibo.ActSealPledge, contract: p.ContractID, reason: paper.SealReason(), hash: p.TextHash, draw: paper.PDF, still: still,
		consent: p.Consent(),
	})
}

// PledgeFile reads the sealed document of a pledge. ErrNotFound: there is none, or
// not yet.
func (l *Ledger) PledgeFile(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (f Proved, err error) {
	p, err := l.Pledge(ctx, c, id)
	if err != nil {
		return f, err
	}
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		f, err = readSealed(r, pledgePaper(p.ID), "meibo-pledge-"+string(p.ID)+".pdf")
		return err
	})
	return f, wrap("read sealed pledge", err)
}

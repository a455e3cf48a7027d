package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// atOnce bounds how many pledges one round seals.
const atOnce = 50

// SealPledges makes and seals the documents of pledges that became valid, the
// oldest first, each in a transaction of its own; nothing waits inside one. It
// returns how many, and why a timestamp is missing where one is. A pledge whose
// sealing was broken off is sealed by the next round.
func (l *Ledger) SealPledges(ctx context.Context, sealer *seal.Sealer) (sealed int, plain, err error) {
	for {
		var due []meibo.Pledge
		err := l.db.View(ctx, func(r *store.Reader) (err error) {
			due, err = r.PledgesToSeal(atOnce)
			return err
		})
		if err != nil || len(due) == 0 {
			return sealed, plain, wrap("seal pledges", err)
		}
		for _, p := range due {
			why, err := l.sealPledge(ctx, sealer, p)
			if err != nil {
				return sealed, plain, wrap("seal pledge "+string(p.ID), err)
			}
			sealed, plain = sealed+1, errors.Join(plain, why)
		}
	}
}

func (l *Ledger) sealPledge(ctx context.Context, sealer *seal.Sealer, p meibo.Pledge) (plain, err error) {
	paper := document.Pledge{Pledge: p}
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
	pdf, err := paper.PDF()
	if err != nil {
		return nil, err
	}
	done, err := sealer.SealPDF(ctx, pdf, "誓約書の成立", l.Now().Time())
	if err != nil {
		return nil, err
	}
	return done.Plain, l.keepSealed(ctx, sealer, p, done)
}

func (l *Ledger) keepSealed(ctx context.Context, sealer *seal.Sealer, p meibo.Pledge, done seal.Sealed) error {
	sum := sha256.Sum256(done.Content)
	row := meibo.SealedPledge{ID: p.ID, Hash: hex.EncodeToString(sum[:]), Signer: sealer.Name(), Stamped: done.Stamped}
	switch {
	case done.Plain != nil:
		row.Code = "AUTHORITY_SILENT"
	case !done.Stamped:
		row.Code = "NO_AUTHORITY"
	}
	d := deed{itself, meibo.ActSealPledge, newID(), []string{string(p.ID), row.Hash}}
	_, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
		_, err := store.One[meibo.SealedPledge](&tx.Reader, p.ID)
		if !errors.Is(err, meibo.ErrNotFound) {
			return struct{}{}, outcome{}, errors.Join(err, meibo.Refuse(meibo.ErrConflict, "ALREADY_SEALED"))
		}
		now, err := store.One[meibo.Pledge](tx.Nameless(), p.ID)
		if err != nil {
			return struct{}{}, outcome{}, err
		}
		if now.State == meibo.PledgeDisposed { // while the timestamp was waited for
			return struct{}{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "PLEDGE_DISPOSED")
		}
		doc := newDocument(s, "application/pdf", done.Content)
		row.DocumentID, row.SealedAt = doc.ID, s.Now
		return struct{}{}, outcome{contract: p.ContractID, subjects: []string{string(p.ID)}, rows: []any{doc, row}}, nil
	})
	if errors.Is(err, meibo.ErrConflict) { // another server was faster
		return nil
	}
	return err
}

// A Proved file is a finished document with the proof that the log answers for it.
type Proved struct {
	document.File
	Sealed meibo.SealedPledge
	Proof  meibo.Proof
}

// PledgeFile reads the sealed document of a pledge. ErrNotFound: there is none, or
// not yet.
func (l *Ledger) PledgeFile(ctx context.Context, c meibo.Caller, id meibo.PledgeID) (Proved, error) {
	p, err := l.Pledge(ctx, c, id)
	if err != nil {
		return Proved{}, err
	}
	var f Proved
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		if f.Sealed, err = store.One[meibo.SealedPledge](r, p.ID); err != nil {
			return err
		}
		doc, err := store.One[meibo.Document](r, f.Sealed.DocumentID)
		if err != nil {
			return err
		}
		if doc.Gone() {
			return meibo.Refuse(meibo.ErrNotFound, "PLEDGE_DISPOSED")
		}
		f.File = document.File{Name: "meibo-pledge-" + string(p.ID) + ".pdf", MediaType: doc.MediaType, Content: doc.Bytes}
		f.Proof, err = r.Proof("sealed_pledges", string(p.ID))
		return err
	})
	return f, wrap("read sealed pledge", err)
}

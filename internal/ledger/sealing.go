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

// An unsealed is a paper before it is sealed: of which row it is, and what its seal
// says.
type unsealed struct {
	of       meibo.SealedPaper // its first four fields
	act      meibo.Act
	contract meibo.ContractID
	reason   string
	hash     string // of what the row says
	consent  *meibo.ConsentFile
	draw     func() ([]byte, error)
	still    func(*store.Reader) error // ErrConflict: the row is no more what it was when the paper was drawn
}

// seal draws a paper, seals it and keeps it, encrypted, in a transaction of its own;
// nothing waits inside one. plain says why there is no timestamp where one was asked
// for. Of two servers the first one's file stays: what is kept is what everybody gets.
func (l *Ledger) seal(ctx context.Context, sealer *seal.Sealer, p unsealed) (plain, err error) {
	if l.Sealed() { // nothing is kept: neither draw for nothing, nor ask for a timestamp
		return nil, ErrSealed
	}
	var proof meibo.Proof
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		proof, err = r.Proof(p.of.OfTable, p.of.OfKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	pdf, err := p.draw()
	if err != nil {
		return nil, err
	}
	origin := proof.Origin(p.hash).Brief() // its entry may have written rows of other contracts and companies, too
	done, err := sealer.SealPDF(ctx, seal.Paper{PDF: pdf, Reason: p.reason, Origin: &origin, Consent: p.consent})
	if err != nil {
		return nil, err
	}
	return done.Plain, l.keepSealed(ctx, sealer, p, done)
}

func (l *Ledger) keepSealed(ctx context.Context, sealer *seal.Sealer, p unsealed, done seal.Sealed) error {
	sum := sha256.Sum256(done.Content)
	row := p.of
	row.Hash, row.Signer, row.Stamped = hex.EncodeToString(sum[:]), sealer.Name(), done.Stamped
	switch {
	case done.Plain != nil:
		row.Code = "AUTHORITY_SILENT"
	case !done.Stamped:
		row.Code = "NO_AUTHORITY"
	}
	d := deed{itself, p.act, newID(), []string{row.Key(), row.Hash}}
	_, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
		_, err := tx.SealedPaper(p.of)
		if !errors.Is(err, meibo.ErrNotFound) {
			return struct{}{}, outcome{}, errors.Join(err, meibo.Refuse(meibo.ErrConflict, "ALREADY_SEALED"))
		}
		if err := p.still(&tx.Reader); err != nil {
			return struct{}{}, outcome{}, err
		}
		doc := newDocument(s, "application/pdf", done.Content)
		row.DocumentID, row.SealedAt = doc.ID, s.Now
		return struct{}{}, outcome{contract: p.contract, subjects: []string{row.OfKey}, note: row.Form, rows: []any{doc, row}}, nil
	})
	if errors.Is(err, meibo.ErrConflict) { // another server was faster
		return nil
	}
	return err
}

// A Proved file is a finished document with the proof that the log answers for its
// bytes. A paper that nobody could seal has neither Sealed nor Proof.
type Proved struct {
	document.File
	Sealed meibo.SealedPaper
	Proof  meibo.Proof
}

// readSealed reads a paper that was sealed. ErrNotFound: it was not, or is destroyed.
func readSealed(r *store.Reader, of meibo.SealedPaper, name string) (f Proved, err error) {
	if f.Sealed, err = r.SealedPaper(of); err != nil {
		return f, err
	}
	doc, err := store.One[meibo.Document](r, f.Sealed.DocumentID)
	if err != nil {
		return f, err
	}
	if doc.Gone() {
		return f, meibo.Refuse(meibo.ErrNotFound, "PLEDGE_DISPOSED")
	}
	f.File = document.File{Name: name, MediaType: doc.MediaType, Content: doc.Bytes}
	f.Proof, err = r.Proof("sealed_papers", f.Sealed.Key())
	return f, err
}

package ledger

import (
	"context"
	"fmt"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// atOneTime is how many papers of rosters are drawn at one time: a large one takes a
// processor for a second, and room.
const atOneTime = 2

// A rosterPaper is a roster version as one reader may see it.
type rosterPaper struct {
	document.Roster
	reader meibo.OrganizationID // empty: it shows everybody
}

func (p rosterPaper) sealed(format document.Paper) meibo.SealedPaper {
	return meibo.SealedPaper{
		OfTable: meibo.RostersTable, OfKey: fmt.Sprintf("%s/%d", p.Head.ContractID, p.Head.Version), Form: string(format), ReaderID: p.reader,
	}
}

// kept reads a paper that was sealed before. ErrNotFound: it was not, or never is.
func (p rosterPaper) kept(r *store.Reader, format document.Paper) (Proved, error) {
	if format.SealReason() == "" {
		return Proved{}, meibo.ErrNotFound
	}
	return readSealed(r, p.sealed(format), p.FileName(format))
}

// make makes a paper that is not kept. The roster and the change notice come under the
// operator's seal, sealed when they are first asked for and kept from then on, so that
// the same bytes are given to everybody who may see the same. Without a seal they come
// as they are; a workbook and canonical JSON always do. ErrSealed: the ledger, which would
// have to keep the paper, changes nothing.
func (l *Ledger) make(ctx context.Context, p rosterPaper, format document.Paper) (f Proved, err error) {
	reason := format.SealReason()
	switch {
	case reason == "":
		return l.asItIs(ctx, p, format, "")
	case l.sealing.Sealer == nil:
		return l.asItIs(ctx, p, format, "NO_SEAL")
	}
	draw := func() ([]byte, error) {
		file, err := l.draw(ctx, p, format)
		return file.Content, err
	}
	_, err = l.seal(ctx, l.sealing.Sealer, unsealed{
		of: p.sealed(format), act: meibo.ActSealRoster, contract: p.Head.ContractID, reason: reason, hash: p.Head.Hash, draw: draw,
		still: func(r *store.Reader) error { return undisposed(r, p.Head) },
	})
	if err != nil {
		return f, wrap("seal paper", err)
	}
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		f, err = p.kept(r, format)
		return err
	})
	return f, wrap("read sealed paper", err)
}

// asItIs makes a paper without a seal; code says why it has none, where one has.
func (l *Ledger) asItIs(ctx context.Context, p rosterPaper, format document.Paper, code string) (f Proved, err error) {
	f.Sealed.Code = code
	f.File, err = l.draw(ctx, p, format)
	return f, wrap("make paper", err)
}

// undisposed: a version stays as it was cut, until it is destroyed.
func undisposed(r *store.Reader, head meibo.Roster) error {
	now, err := r.Nameless().Roster(head.ContractID, head.Version)
	if err == nil && now.Hash == "" {
		return meibo.Refuse(meibo.ErrConflict, "ROSTER_DISPOSED")
	}
	return err
}

// draw draws a paper when its turn comes.
func (l *Ledger) draw(ctx context.Context, p rosterPaper, format document.Paper) (document.File, error) {
	select {
	case l.drawing <- struct{}{}:
	case <-ctx.Done():
		return document.File{}, ctx.Err()
	}
	defer func() { <-l.drawing }()
	p.Fonts = l.fonts
	return p.Make(format)
}

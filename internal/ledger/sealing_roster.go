package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// sealReasons are the papers of a roster that are sealed, and why.
var sealReasons = map[document.Paper]string{document.PaperPDF: "従事者名簿の交付", document.PaperChange: "従事者変更届の交付"}

// A rosterPaper is a roster version as one reader may see it.
type rosterPaper struct {
	document.Roster
	reader meibo.OrganizationID // empty: it shows everybody
}

// make makes a paper. The roster and the change notice come under the operator's
// seal, sealed when they are first asked for and kept from then on, so that the same
// bytes are given to everybody who may see the same. Without a seal they come as they
// are; a workbook and canonical JSON always do.
func (l *Ledger) make(ctx context.Context, p rosterPaper, format document.Paper) (f Proved, err error) {
	p.Fonts = l.fonts
	reason, sealable := sealReasons[format]
	if !sealable {
		f.File, err = p.Make(format)
		return f, wrap("make paper", err)
	}
	of := meibo.SealedPaper{
		OfTable: meibo.RostersTable, OfKey: fmt.Sprintf("%s/%d", p.Head.ContractID, p.Head.Version), Form: string(format), ReaderID: p.reader,
	}
	if f, err = l.sealedRoster(ctx, p, of, format); err == nil || !errors.Is(err, meibo.ErrNotFound) {
		return f, err
	}
	if l.sealing.Sealer == nil {
		f.File, err = p.Make(format)
		f.Sealed.Code = "NO_SEAL"
		return f, wrap("make paper", err)
	}
	draw := func() ([]byte, error) {
		file, err := p.Make(format)
		return file.Content, err
	}
	_, err = l.seal(ctx, l.sealing.Sealer, unsealed{
		of: of, act: meibo.ActSealRoster, contract: p.Head.ContractID, reason: reason, hash: p.Head.Hash, draw: draw,
		still: func(*store.Reader) error { return nil }, // a version stays as it was cut
	})
	if err != nil {
		return f, wrap("seal paper", err)
	}
	return l.sealedRoster(ctx, p, of, format)
}

func (l *Ledger) sealedRoster(ctx context.Context, p rosterPaper, of meibo.SealedPaper, format document.Paper) (f Proved, err error) {
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		f, err = readSealed(r, of, p.FileName(format))
		return err
	})
	return f, wrap("read sealed paper", err)
}

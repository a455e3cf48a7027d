package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type pledgePapersCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Output   string `short:"o" required:"" help:"Folder to write; it must not be there." type:"path"`
}

// paperColumns are those of the index of papers that are to be verified.
var paperColumns = []string{"pledge", "person", "name", "file", "signed_on", "signer", "sha256", "decision"}

// extensions of the media types that papers have.
var extensions = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// Run saves all papers of a contract that wait for a second person, and an index in
// which he decides.
func (c *pledgePapersCmd) Run(a *app) error {
	list, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.ListPledgesResponse, error) {
		return s.ListPledges(a.ctx, &pb.ListPledgesRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	if err := os.Mkdir(c.Output, 0o700); err != nil {
		return err
	}
	progress, rows := a.progress(), [][]string{paperColumns}
	for i, p := range list.Pledges {
		progress("saved", int64(i+1), int64(len(list.Pledges)))
		if p.State != string(meibo.PledgePending) {
			continue
		}
		paper, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.GetPledgePaperResponse, error) {
			return s.GetPledgePaper(a.ctx, &pb.GetPledgePaperRequest{Id: p.Id})
		})
		if err != nil {
			return err
		}
		name := p.Id + extensions[paper.MediaType]
		if err := writeFile(filepath.Join(c.Output, name), paper.Document); err != nil {
			return err
		}
		rows = append(rows, document.Inert(p.Id, p.Person, paper.Name, name, p.SignedOn, paper.Signer, paper.Hash, ""))
	}
	return a.writeIndex(filepath.Join(c.Output, "index.csv"), rows)
}

type pledgeVerifyAllCmd struct {
	Index string `arg:"" help:"The index that meibo pledge papers wrote, its last column filled in: ok, or why not (unreadable, incomplete, other_person, signature)." type:"existingfile"`
	Yes   bool   `short:"y" help:"Do not ask."`
}

// Run carries out what was decided in the index. A row without a decision waits on.
func (c *pledgeVerifyAllCmd) Run(a *app) error {
	rows, err := readIndex(c.Index, paperColumns)
	if err != nil {
		return err
	}
	decided, accepted, problems := decisionsOf(rows)
	if len(problems) > 0 {
		a.problems(problems)
		return fmt.Errorf("%d problems; nothing was verified", len(problems))
	}
	if !a.yes(fmt.Sprintf("%d件を確認済みに、%d件を不備にします。よろしいですか。", accepted, decided-accepted), c.Yes) {
		return fmt.Errorf("nothing was verified")
	}
	waiting, err := a.waitingPapers(rows)
	if err != nil {
		return err
	}
	progress, done := a.progress(), 0
	for i, r := range rows {
		if r[7] == "" || !waiting[r[0]] {
			continue
		}
		if err := verifyOne(a, r); err != nil {
			fmt.Fprintf(a.stderr, "%d行目 %s\n", i+2, r[0])
			return fmt.Errorf("%d of %d were carried out; run it again to go on: %w", done, decided, err)
		}
		done++
		progress("verified", int64(done), int64(decided))
	}
	a.printf("%d件を確認しました。\n", done)
	return nil
}

// decisionsOf counts the decisions of an index, and tells which are none.
func decisionsOf(rows [][]string) (decided, accepted int, problems []*pb.Problem) {
	for i, r := range rows {
		switch decision := r[7]; {
		case decision == "":
			continue
		case decision == "ok":
			accepted++
		case !meibo.RejectReason(decision).Known():
			problems = append(problems, &pb.Problem{Row: int32(i + 2), Field: "decision", Code: "UNKNOWN_VALUE", Message: meibo.Problem{Code: "UNKNOWN_VALUE"}.Sentence()})
		}
		decided++
	}
	return decided, accepted, problems
}

// waitingPapers are the pledges of an index that still wait for the second person.
func (a *app) waitingPapers(rows [][]string) (map[string]bool, error) {
	waiting := map[string]bool{}
	for _, r := range rows {
		if r[7] == "" {
			continue
		}
		p, err := getPledge(a, r[0])
		if err != nil {
			return nil, err
		}
		waiting[r[0]] = p.Pledge.State == string(meibo.PledgePending)
	}
	return waiting, nil
}

// verifyOne carries out one decision, only for the paper that was seen.
func verifyOne(a *app, r []string) error {
	reason := r[7]
	if reason == "ok" {
		reason = ""
	}
	_, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.VerifyPledgeResponse, error) {
		return s.VerifyPledge(a.ctx, &pb.VerifyPledgeRequest{IdempotencyKey: uuid.NewString(), Id: r[0], RejectReason: reason, Hash: r[6]})
	})
	return err
}

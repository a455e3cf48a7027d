package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type pledgeCmd struct {
	List    pledgeListCmd      `cmd:"" help:"List a contract's pledges."`
	Preview pledgePreviewCmd   `cmd:"" help:"Tell who is, or will be, refused for want of a pledge, and from which day."`
	Request pledgeRequestCmd   `cmd:"" help:"Ask a person for a pledge on the newest wording."`
	Show    pledgeShowCmd      `cmd:"" help:"Show a pledge with the exact text and its hash."`
	Sign    pledgeSignCmd      `cmd:"" help:"Sign: the person reads the text and proves himself by his directory password."`
	Form    pledgeFormCmd      `cmd:"" help:"Save the pledge as a PDF to be signed, by hand or with a certificate of the person's own."`
	Record  pledgeRecordCmd    `cmd:"" help:"Record a paper that was signed by hand, or the form signed with a certificate."`
	Import  pledgeImportCmd    `cmd:"" help:"Record many papers that were signed by hand, named in a CSV."`
	Papers  pledgePapersCmd    `cmd:"" help:"Save all recorded papers of a contract that wait to be verified, with an index to decide in."`
	Paper   pledgePaperCmd     `cmd:"" help:"Fetch a recorded paper, to verify it."`
	Save    pledgeSaveCmd      `cmd:"" help:"Save the sealed document of a pledge, and the proof that the log answers for it."`
	VerAll  pledgeVerifyAllCmd `cmd:"" name:"verify-all" help:"Carry out what was decided in the index of papers."`
	Verify  pledgeVerifyCmd    `cmd:"" help:"Verify a recorded paper, or reject it; somebody other than who recorded it."`
}

type pledgeListCmd struct {
	Contract string `arg:"" help:"Contract number."`
}

// Run lists pledges.
func (c *pledgeListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.ListPledgesResponse, error) {
		return s.ListPledges(a.ctx, &pb.ListPledgesRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, p := range list.Pledges {
			rows = append(rows, []string{
				p.Id, p.Person, p.Employer, fmt.Sprintf("%s v%d", p.Template, p.TemplateVersion), p.State, p.Way, p.SignedOn, p.Reason,
			})
		}
		a.table("PLEDGE PERSON EMPLOYER TEMPLATE STATE WAY SIGNED REASON", rows)
	})
}

type pledgePreviewCmd struct {
	Contract string `arg:"" help:"Contract number."`
}

// Run tells who lacks what, and from when.
func (c *pledgePreviewCmd) Run(a *app) error {
	list, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.PreviewPledgesResponse, error) {
		return s.PreviewPledges(a.ctx, &pb.PreviewPledgesRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, p := range list.People {
			rows = append(rows, []string{p.From, p.Person, p.Employer, p.Pledge, p.Code, p.Message})
		}
		a.table("REFUSED_FROM PERSON EMPLOYER PLEDGE CODE BECAUSE", rows)
	})
}

type pledgeRequestCmd struct {
	Contract string `arg:"" help:"Contract number."`
	Person   string `arg:"" help:"Id of the person."`
	Version  int32  `help:"Version of the wording, for a paper that was signed before; else the newest."`
	keyFlag
}

// Run requests a pledge.
func (c *pledgeRequestCmd) Run(a *app) error {
	done, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.RequestPledgeResponse, error) {
		return s.RequestPledge(a.ctx, &pb.RequestPledgeRequest{IdempotencyKey: c.key(), Contract: c.Contract, Person: c.Person, TemplateVersion: c.Version})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showPledge(done.Pledge) })
}

func (a *app) showPledge(p *pb.PledgeState) {
	a.printf("誓約書 %s: %s\nハッシュ %s\n", p.Id, p.State, p.Hash)
}

type pledgeShowCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
}

// Run shows a pledge.
func (c *pledgeShowCmd) Run(a *app) error {
	v, err := getPledge(a, c.Pledge)
	if err != nil {
		return err
	}
	return a.show(v, func() {
		a.printf("%s\n\n%s %s\nハッシュ %s\n", v.Text, v.Pledge.Id, v.Pledge.State, v.Pledge.Hash)
		a.showDifferences(v)
	})
}

// showDifferences shows what is not as in the pledge that the person signed last.
func (a *app) showDifferences(v *pb.GetPledgeResponse) {
	if len(v.Differences) == 0 {
		return
	}
	a.printf("\n前に署名した誓約書との違い\n")
	for _, l := range v.Differences {
		if l.Mark != "" {
			a.printf("%s %s\n", l.Mark, l.Text)
		}
	}
}

func getPledge(a *app, id string) (*pb.GetPledgeResponse, error) {
	return ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.GetPledgeResponse, error) {
		return s.GetPledge(a.ctx, &pb.GetPledgeRequest{Id: id})
	})
}

type pledgeSignCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
	Yes    bool   `short:"y" help:"The person has read the text elsewhere; do not show and ask."`
	keyFlag
}

// Run shows the text, asks for consent and password, and signs.
func (c *pledgeSignCmd) Run(a *app) error {
	v, err := getPledge(a, c.Pledge)
	if err != nil {
		return err
	}
	if !c.Yes {
		a.printf("%s\n\n", v.Text)
		a.showDifferences(v)
	}
	if !a.yes("上の誓約書に同意し、署名しますか。", c.Yes) {
		return errors.New("not signed")
	}
	password, err := a.password("ディレクトリのパスワード: ")
	if err != nil {
		return err
	}
	done, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.SignPledgeResponse, error) {
		return s.SignPledge(a.ctx, &pb.SignPledgeRequest{IdempotencyKey: c.key(), Id: c.Pledge, Hash: v.Pledge.Hash, Password: password})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showPledge(done.Pledge) })
}

// password reads a password: unseen from a terminal, or as a line from elsewhere.
func (a *app) password(prompt string) (string, error) {
	if f, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.stderr, prompt)
		secret, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.stderr)
		return string(secret), err
	}
	var line string
	_, err := fmt.Fscanln(a.stdin, &line)
	return line, err
}

type pledgeVerifyCmd struct {
	Pledge string `arg:"" help:"Id of the pledge."`
	Reject string `placeholder:"REASON" help:"Reject it: unreadable, incomplete, other_person or signature."`
	keyFlag
}

// Run verifies a paper.
func (c *pledgeVerifyCmd) Run(a *app) error {
	done, err := ask(a, pb.NewPledgeServiceClient, func(s pb.PledgeServiceClient) (*pb.VerifyPledgeResponse, error) {
		return s.VerifyPledge(a.ctx, &pb.VerifyPledgeRequest{IdempotencyKey: c.key(), Id: c.Pledge, RejectReason: c.Reject})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showPledge(done.Pledge) })
}

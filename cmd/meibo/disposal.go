package main

import (
	"fmt"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type disposalCmd struct {
	List    disposalListCmd    `cmd:"" help:"List the disposals of a contract, and say what could be proposed."`
	Propose disposalProposeCmd `cmd:"" help:"Propose to destroy pledges, rosters, changes and names of a contract whose time of keeping is over."`
	Approve disposalApproveCmd `cmd:"" help:"Approve: texts, names, papers and their keys are destroyed at once. By somebody other than who proposed it."`
	Reject  disposalRejectCmd  `cmd:"" help:"Reject: nothing is destroyed."`
}

type disposalListCmd struct {
	Contract string `arg:"" help:"Contract number."`
}

// Run lists disposals.
func (c *disposalListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewDisposalServiceClient, func(s pb.DisposalServiceClient) (*pb.ListDisposalsResponse, error) {
		return s.ListDisposals(a.ctx, &pb.ListDisposalsRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		a.printf("Pledges and rosters of %s are kept until %s. %d pledges, %d papers and %d people could be destroyed now.\n",
			c.Contract, list.KeptUntil, list.Due, list.DuePapers, list.DuePeople)
		var rows [][]string
		for _, d := range list.Disposals {
			rows = append(rows, []string{d.Id, fmt.Sprint(len(d.Pledges)), fmt.Sprint(d.Papers), fmt.Sprint(len(d.People)), d.State, d.ProposedBy, when(d.ProposedAt), d.DecidedBy, when(d.DecidedAt)})
		}
		a.table("DISPOSAL PLEDGES PAPERS PEOPLE STATE PROPOSED_BY AT DECIDED_BY AT", rows)
	})
}

type disposalProposeCmd struct {
	Contract string `arg:"" help:"Contract number."`
	keyFlag
}

// Run proposes a disposal.
func (c *disposalProposeCmd) Run(a *app) error {
	done, err := ask(a, pb.NewDisposalServiceClient, func(s pb.DisposalServiceClient) (*pb.ProposeDisposalResponse, error) {
		return s.ProposeDisposal(a.ctx, &pb.ProposeDisposalRequest{IdempotencyKey: c.key(), Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() {
		a.printf("誓約書%d通、名簿・変更届など%d件、従事者%d人の記録の廃棄を申し出ました。別の人の承認が要ります。\n\n  meibo disposal approve %s\n",
			done.Pledges, done.Papers, done.People, done.Id)
	})
}

type disposalApproveCmd struct {
	Disposal string `arg:"" help:"Id of the disposal."`
	Yes      bool   `short:"y" help:"Do not ask."`
	keyFlag
}

// Run approves a disposal.
func (c *disposalApproveCmd) Run(a *app) error {
	if !a.yes("誓約書・名簿・氏名を廃棄します。元に戻せません。よろしいですか。", c.Yes) {
		return fmt.Errorf("not approved")
	}
	return decideDisposal(a, c.keyFlag, c.Disposal, "approve", "誓約書%d通、名簿・変更届など%d件、従事者%d人の記録を廃棄しました。\n")
}

type disposalRejectCmd struct {
	Disposal string `arg:"" help:"Id of the disposal."`
	keyFlag
}

// Run rejects a disposal.
func (c *disposalRejectCmd) Run(a *app) error {
	return decideDisposal(a, c.keyFlag, c.Disposal, "reject", "誓約書%d通、名簿・変更届など%d件、従事者%d人の記録は廃棄せず、引き続き保管します。\n")
}

func decideDisposal(a *app, k keyFlag, id, verdict, said string) error {
	done, err := ask(a, pb.NewDisposalServiceClient, func(s pb.DisposalServiceClient) (*pb.DecideDisposalResponse, error) {
		return s.DecideDisposal(a.ctx, &pb.DecideDisposalRequest{IdempotencyKey: k.key(), Id: id, Verdict: verdict})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf(said, done.Pledges, done.Papers, done.People) })
}

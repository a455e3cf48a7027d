package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type noticeCmd struct {
	List     noticeListCmd     `cmd:"" default:"withargs" help:"List notices."`
	Show     noticeShowCmd     `cmd:"" help:"Show a notice, and what became of it at each address."`
	Retry    noticeRetryCmd    `cmd:"" help:"Try a notice again that failed or bounced, or that was not taken at all its addresses."`
	HandOver noticeHandOverCmd `cmd:"" help:"Record that a person handed a notice over; from then on its receiver is notified."`
	Package  noticePackageCmd  `cmd:"" help:"Write the hand-over of a roster notice for a closed network as one sealed container (ASiC-E)."`
	Import   noticeImportCmd   `cmd:"" name:"import-ack" help:"Take the city's signed answer from a closed network."`
	Bounce   noticeBounceCmd   `cmd:"" help:"Record that a notice came back; what it opened is closed."`
}

type noticeListCmd struct {
	Contract string `arg:"" optional:"" help:"Contract number; all when left out."`
}

// Run lists notices.
func (c *noticeListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.ListNoticesResponse, error) {
		return s.ListNotices(a.ctx, &pb.ListNoticesRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, n := range list.Notices {
			rows = append(rows, []string{
				n.Id, n.Contract, fmt.Sprint(n.Number), n.Kind, n.Organization, number(n.Version), n.Way, standing(n), fmt.Sprint(n.Attempts),
				n.LastCode, when(n.NotifiedAt), when(n.NextAt), n.DueOn, possibly(n.PossiblyTwice),
			})
		}
		a.table("NOTICE CONTRACT NUMBER KIND RECEIVER VERSION WAY STATE ATTEMPTS CODE NOTIFIED NEXT DUE TWICE", rows)
	})
}

// standing is where a notice stands: the city's answer, where there is one, or that
// something is overdue.
func standing(n *pb.Notice) string {
	if n.Answer == "" && n.DueOn != "" && n.OverdueAt != nil {
		return "overdue"
	}
	return cmp.Or(n.Answer, n.State)
}

// possibly marks what may have been sent twice.
func possibly(twice bool) string {
	if twice {
		return "possibly"
	}
	return ""
}

type noticeShowCmd struct {
	Notice string `arg:"" help:"Id of the notice."`
}

// Run shows one notice.
func (c *noticeShowCmd) Run(a *app) error {
	found, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.GetNoticeResponse, error) {
		return s.GetNotice(a.ctx, &pb.GetNoticeRequest{Id: c.Notice})
	})
	if err != nil {
		return err
	}
	return a.show(found, func() {
		n := found.Notice
		a.table("FIELD VALUE", [][]string{
			{"notice", n.Id}, {"contract", n.Contract}, {"kind", n.Kind}, {"receiver", n.Organization}, {"version", number(n.Version)},
			{"way", n.Way}, {"state", n.State}, {"notified", when(n.NotifiedAt)}, {"answer", n.Answer}, {"answered", when(n.AnsweredAt)},
			{"due", n.DueOn}, {"overdue", when(n.OverdueAt)},
			{"attempts", fmt.Sprint(n.Attempts)}, {"code", n.LastCode}, {"next", when(n.NextAt)}, {"twice", possibly(n.PossiblyTwice)},
		})
		var rows [][]string
		for _, r := range n.Receipts {
			rows = append(rows, []string{r.To, r.State, r.Code, possibly(r.PossiblyTwice)})
		}
		if len(rows) > 0 {
			a.table("ADDRESS STATE CODE TWICE", rows)
		}
	})
}

type noticeRetryCmd struct {
	Notice string `arg:"" help:"Id of the notice."`
	keyFlag
}

// Run retries.
func (c *noticeRetryCmd) Run(a *app) error {
	done, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.RetryNoticeResponse, error) {
		return s.RetryNotice(a.ctx, &pb.RetryNoticeRequest{IdempotencyKey: c.key(), Id: c.Notice})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("通知 %s: %s\n", done.Id, done.State) })
}

type noticeHandOverCmd struct {
	Notice string `arg:"" help:"Id of the notice."`
	keyFlag
}

// Run records a hand-over.
func (c *noticeHandOverCmd) Run(a *app) error {
	done, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.HandOverNoticeResponse, error) {
		return s.HandOverNotice(a.ctx, &pb.HandOverNoticeRequest{IdempotencyKey: c.key(), Id: c.Notice})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("通知 %s: %s\n", done.Id, done.State) })
}

type noticeBounceCmd struct {
	Notice string `arg:"" help:"Id of the notice."`
	keyFlag
}

// Run records a bounce.
func (c *noticeBounceCmd) Run(a *app) error {
	done, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.BounceNoticeResponse, error) {
		return s.BounceNotice(a.ctx, &pb.BounceNoticeRequest{IdempotencyKey: c.key(), Id: c.Notice})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("通知 %s: %s\n", done.Id, done.State) })
}

type noticePackageCmd struct {
	Notice string `arg:"" help:"Id of the notice."`
	Output string `short:"o" default:"." help:"Folder to write into." type:"existingdir"`
}

// Run writes a container that only its owner can read.
func (c *noticePackageCmd) Run(a *app) error {
	file, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.GetNoticePackageResponse, error) {
		return s.GetNoticePackage(a.ctx, &pb.GetNoticePackageRequest{Id: c.Notice})
	})
	if err != nil {
		return err
	}
	path := filepath.Join(c.Output, filepath.Base(file.Name))
	if err := os.WriteFile(path, file.Content, 0o600); err != nil {
		return err
	}
	file.Content = nil
	return a.show(file, func() { a.printf("%s\n引き渡したら: meibo notice hand-over %s\n", path, c.Notice) })
}

type noticeImportCmd struct {
	File string `arg:"" help:"The answer: JSON (format meibo-answer-1, contract, version, hash, verdict, person, reason) in a CMS signature, DER." type:"existingfile"`
	keyFlag
}

// Run imports an answer.
func (c *noticeImportCmd) Run(a *app) error {
	message, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	done, err := ask(a, pb.NewNoticeServiceClient, func(s pb.NoticeServiceClient) (*pb.ImportAnswerResponse, error) {
		return s.ImportAnswer(a.ctx, &pb.ImportAnswerRequest{IdempotencyKey: c.key(), Message: message})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("契約 %s 第%d版: %s\n", done.Contract, done.Version, done.Verdict) })
}

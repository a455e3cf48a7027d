package main

import (
	"fmt"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type noticeCmd struct {
	List     noticeListCmd     `cmd:"" default:"withargs" help:"List notices."`
	Retry    noticeRetryCmd    `cmd:"" help:"Try a notice again that failed or bounced."`
	HandOver noticeHandOverCmd `cmd:"" help:"Record that a person handed a notice over; from then on its receiver is notified."`
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
			twice := ""
			if n.PossiblyTwice {
				twice = "possibly"
			}
			rows = append(rows, []string{
				n.Id, n.Contract, fmt.Sprint(n.Number), n.Kind, n.Organization, number(n.Version), n.State, fmt.Sprint(n.Attempts),
				n.LastCode, when(n.NotifiedAt), when(n.NextAt), twice,
			})
		}
		a.table("NOTICE CONTRACT NUMBER KIND RECEIVER VERSION STATE ATTEMPTS CODE NOTIFIED NEXT TWICE", rows)
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

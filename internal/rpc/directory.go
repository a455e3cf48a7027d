package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A Directory is what the server asks of whoever follows the directory.
type Directory struct {
	Sync      func(context.Context) (meibo.Reading, error)
	Plan      func(context.Context) (meibo.DirectoryPlan, error)
	Following func() meibo.Following
	Orphans   func(context.Context) (meibo.Orphans, error)
	// Settled is told of a hold that a person has confirmed or rejected.
	Settled func(hold string, confirmed bool, r meibo.Reading)
}

type directoryService struct {
	pb.UnimplementedDirectoryServiceServer
	ledger    *ledger.Ledger
	directory *Directory // nil: none is configured
}

func (s directoryService) SyncDirectory(ctx context.Context, _ *pb.SyncDirectoryRequest) (*pb.SyncDirectoryResponse, error) {
	if err := s.maySync(ctx); err != nil {
		return nil, err
	}
	r, err := s.directory.Sync(ctx)
	return &pb.SyncDirectoryResponse{Reading: readingToWire(r)}, err
}

func (s directoryService) PlanDirectory(ctx context.Context, _ *pb.PlanDirectoryRequest) (*pb.PlanDirectoryResponse, error) {
	if err := s.maySync(ctx); err != nil {
		return nil, err
	}
	p, err := s.directory.Plan(ctx)
	return &pb.PlanDirectoryResponse{
		Incomplete: p.Incomplete, Seen: int32(p.Seen), Changes: each(p.Changes, plannedToWire), Held: each(p.Held, plannedToWire),
	}, err
}

func (s directoryService) maySync(ctx context.Context) error {
	if err := s.ledger.MaySync(callerOf(ctx)); err != nil {
		return err
	}
	if s.directory == nil {
		return meibo.Refuse(meibo.ErrConflict, "NO_DIRECTORY")
	}
	return nil
}

func (s directoryService) GetDirectoryStatus(ctx context.Context, _ *pb.GetDirectoryStatusRequest) (*pb.GetDirectoryStatusResponse, error) {
	v, err := s.ledger.DirectoryStatus(ctx, callerOf(ctx))
	if err != nil || s.directory == nil {
		return &pb.GetDirectoryStatusResponse{Reading: readingToWire(v.Last)}, err
	}
	f := s.directory.Following()
	answer := &pb.GetDirectoryStatusResponse{
		Configured: true, Reading: readingToWire(v.Last), Health: v.Health(f, s.ledger.Now()), Connected: f.Connected, Url: f.URL, Vendor: f.Vendor,
		Mode: f.Mode, Reason: f.Reason, Since: wireTime(f.Since), ProvenAt: wireTime(v.Proven), SweptAt: wireTime(f.SweptAt),
		People: int32(f.People), LagSeconds: f.LagSeconds, Connections: int32(f.Connects), Refreshes: int32(f.Refreshes),
		Missed: int32(f.Missed), Disagreed: int32(f.Disagreed), LastCode: f.Code, Frozen: v.Frozen, Accounts: map[string]int32{}, Held: int32(v.Held),
		ReadingPeople: int32(f.Reading), Doubted: int32(v.Doubted), DoubtedSince: wireTime(v.Oldest),
	}
	for state, n := range v.People {
		answer.Accounts[string(state)] = int32(n)
	}
	return answer, nil
}

func (s directoryService) ListDirectoryHolds(ctx context.Context, r *pb.ListDirectoryHoldsRequest) (*pb.ListDirectoryHoldsResponse, error) {
	list, err := s.ledger.DirectoryHolds(ctx, callerOf(ctx), r.Every)
	return &pb.ListDirectoryHoldsResponse{Holds: each(list, holdToWire)}, err
}

// verdicts are what a hold can be settled by.
var verdicts = map[string]bool{"confirm": true, "reject": false}

func (s directoryService) SettleDirectoryHold(ctx context.Context, r *pb.SettleDirectoryHoldRequest) (*pb.SettleDirectoryHoldResponse, error) {
	confirm, known := verdicts[r.Verdict]
	if !known {
		return nil, meibo.Problems{{Field: "verdict", Code: "UNKNOWN_VALUE"}}
	}
	done, err := s.ledger.SettleHold(ctx, callerOf(ctx), r.IdempotencyKey, r.Id, confirm)
	if err == nil && s.directory != nil && s.directory.Settled != nil {
		s.directory.Settled(r.Id, confirm, done)
	}
	return &pb.SettleDirectoryHoldResponse{Reading: readingToWire(done)}, err
}

func (s directoryService) ListDirectoryPeople(ctx context.Context, r *pb.ListDirectoryPeopleRequest) (*pb.ListDirectoryPeopleResponse, error) {
	list, next, err := s.ledger.DirectoryPeople(ctx, callerOf(ctx), r.Standing, meibo.PersonID(r.After))
	return &pb.ListDirectoryPeopleResponse{People: each(list, accountToWire), Next: string(next)}, err
}

func accountToWire(a meibo.Account) *pb.DirectoryPerson {
	return &pb.DirectoryPerson{
		Person: string(a.PersonID), State: string(a.Shown()), Cause: a.Cause, Since: wireTime(a.ChangedAt), Until: wireTime(a.Until),
		Hold: a.HoldID, DoubtedSince: wireTime(a.DoubtedAt), TransferredSince: wireTime(a.TransferredAt),
	}
}

func (s directoryService) ListOrphans(ctx context.Context, _ *pb.ListOrphansRequest) (*pb.ListOrphansResponse, error) {
	if err := s.ledger.MayReadDirectory(callerOf(ctx)); err != nil {
		return nil, err
	}
	if s.directory == nil {
		return nil, meibo.Refuse(meibo.ErrConflict, "NO_DIRECTORY")
	}
	o, err := s.directory.Orphans(ctx)
	answer := &pb.ListOrphansResponse{
		Unbound: plain(o.Unbound), Absent: plain(o.Absent), Elsewhere: plain(o.Elsewhere), Transferred: plain(o.Transferred),
	}
	for _, g := range o.Groups {
		answer.Groups = append(answer.Groups, &pb.GroupOrphans{
			Group: g.Group, Contract: string(g.Contract), Code: g.Code, Strangers: plain(g.Strangers), Unknown: g.Unknown,
			Others: int32(g.Others), Dangling: int32(g.Dangling), Missing: plain(g.Missing),
		})
	}
	return answer, err
}

func (s directoryService) ConfirmUnit(ctx context.Context, r *pb.ConfirmUnitRequest) (*pb.ConfirmUnitResponse, error) {
	id, err := s.ledger.ConfirmUnit(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PersonID(r.Person))
	return &pb.ConfirmUnitResponse{Person: string(id)}, err
}

func readingToWire(r meibo.Reading) *pb.Reading {
	return &pb.Reading{
		At: wireTime(r.At), Outcome: string(r.Outcome), Code: r.Code, Seen: int32(r.Seen), Disabled: int32(r.Disabled),
		Gone: int32(r.Gone), Held: int32(r.Held), Cause: string(r.Cause),
	}
}

func plannedToWire(c meibo.PlannedChange) *pb.PlannedChange {
	return &pb.PlannedChange{Person: string(c.PersonID), Kind: c.Kind, From: string(c.From), To: string(c.To), Cause: c.Cause}
}

func holdToWire(v ledger.HoldView) *pb.DirectoryHold {
	h := v.Hold
	hold := &pb.DirectoryHold{
		Id: h.ID, Why: h.Why, People: int32(h.People), State: string(h.State), OpenedAt: wireTime(h.OpenedAt),
		SettledAt: wireTime(h.SettledAt), SettledBy: string(h.SettledBy),
	}
	for _, a := range v.Accounts {
		member := plannedToWire(meibo.PlannedChange{
			PersonID: a.PersonID, Kind: a.Held.V.Why, From: a.State, To: a.Held.V.State, Cause: a.Held.V.Cause,
		})
		member.DoubtedSince = wireTime(a.DoubtedAt)
		hold.Members = append(hold.Members, member)
	}
	return hold
}

package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// under has work done at the same time, and kills the server as soon as so many
// decisions more were given and so many changes more acknowledged.
func (c *crash) under(s *served, decisions, changes int) {
	c.t.Helper()
	decisions, changes = decisions+len(c.given), changes+len(c.done)
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { c.ask(ctx, s.conn) })
	}
	for range 2 {
		all.Go(func() { c.write(ctx, s.conn) })
	}
	for enough := false; !enough && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		enough = len(c.given) >= decisions && len(c.done) >= changes
		c.mu.Unlock()
	}
	if ctx.Err() != nil {
		c.t.Error("the server does not come to do what it shall be killed in")
	}
	s.kill()
	cancel()
	all.Wait()
}

func as(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
}

func (c *crash) check(ctx context.Context, conn *grpc.ClientConn, person meibo.PersonID) (*pb.CheckAccessResponse, error) {
	return pb.NewAccessServiceClient(conn).CheckAccess(as(ctx, c.system), usual(person))
}

// usual is the usual question on the wire.
func usual(person meibo.PersonID) *pb.CheckAccessRequest {
	q := meibotest.Question(person)
	return &pb.CheckAccessRequest{
		Person: string(person), Contract: string(q.Contract), Asset: string(q.Asset), Action: string(q.Action), Purpose: string(q.Purpose),
	}
}

// ask asks until nobody answers, and notes what was given.
func (c *crash) ask(ctx context.Context, conn *grpc.ClientConn) {
	for {
		person := c.people[rand.IntN(len(c.people))]
		c.mu.Lock()
		gone := c.removed[person] // acknowledged before the question
		c.mu.Unlock()
		d, err := c.check(ctx, conn, person)
		if err != nil {
			return
		}
		c.mu.Lock()
		if d.PrimaryCode != "STORE_UNAVAILABLE" && d.PrimaryCode != "AUDIT_UNAVAILABLE" {
			c.given[d.DecisionId] = d.Allowed
		}
		if d.Allowed && gone {
			c.wrong = append(c.wrong, "an allow after an acknowledged removal")
		}
		c.mu.Unlock()
	}
}

// write submits changes until nobody answers, and notes what was acknowledged and
// what became of the last one is not known.
func (c *crash) write(ctx context.Context, conn *grpc.ClientConn) {
	for {
		r := c.change()
		answer, err := pb.NewChangeServiceClient(conn).SubmitChange(as(ctx, c.submitter), r)
		c.mu.Lock()
		if err != nil {
			c.unknown = append(c.unknown, r)
			c.mu.Unlock()
			return
		}
		c.acknowledged(r, answer)
		c.mu.Unlock()
	}
}

func (c *crash) acknowledged(r *pb.SubmitChangeRequest, answer *pb.SubmitChangeResponse) {
	c.done = append(c.done, written{r, answer})
	if r.Lines[0].Operation == "remove" {
		c.removed[meibo.PersonID(r.Lines[0].Person)] = true
	}
}

// change is the next one: mostly a newcomer, at times somebody who leaves, as long
// as somebody stays.
func (c *crash) change() *pb.SubmitChangeRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	r := &pb.SubmitChangeRequest{IdempotencyKey: fmt.Sprintf("crash-%d", c.requests)}
	if leaver := c.requests / 10; c.requests%10 == 0 && leaver <= crowd()-2 {
		r.Lines = []*pb.Line{{Operation: "remove", Contract: "C01", Person: string(c.people[leaver-1]), Reason: "transfer"}}
		return r
	}
	now := wallClock()
	r.Lines = []*pb.Line{{
		Operation: "add", Contract: "C01", Login: fmt.Sprintf("n%d", c.requests), Name: "氏名", Kana: "シメイ", Adult: "yes", Employer: "K1",
		Employment: "regular", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", From: string(now.Day()),
		Until: string(now.Add(100 * 24 * time.Hour).Day()), Task: "入力", Workplace: "本社",
	}}
	return r
}

// settle asks a server that was begun again for all that was promised before.
func (c *crash) settle(s *served) {
	c.t.Helper()
	changes := pb.NewChangeServiceClient(s.conn)
	for _, r := range c.unknown {
		answer, err := changes.SubmitChange(as(c.t.Context(), c.submitter), r)
		if err != nil {
			c.wrong = append(c.wrong, fmt.Sprintf("a request with an unknown outcome cannot be repeated: %v", err))
			continue
		}
		c.acknowledged(r, answer)
	}
	for _, w := range c.done {
		again, err := changes.SubmitChange(as(c.t.Context(), c.submitter), w.request)
		if err != nil || !proto.Equal(again, w.answer) {
			c.wrong = append(c.wrong, fmt.Sprintf("the acknowledged write %s is lost: %v", w.request.IdempotencyKey, err))
		}
	}
	c.unknown, c.done = nil, nil
	for person := range c.removed {
		if d, err := c.check(c.t.Context(), s.conn, person); err != nil || d.Allowed {
			c.wrong = append(c.wrong, fmt.Sprintf("an acknowledged removal is lost: %v", err))
		}
	}
}

// recorded looks for every decision that was given.
func (c *crash) recorded() {
	c.t.Helper()
	driver, url := "pgx", c.database
	if !strings.Contains(url, "://") {
		driver, url = "sqlite", strings.TrimSuffix(url, ".db")+"-decisions.db"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(c.t.Context(), "SELECT id, allowed FROM decisions")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var id string
		var allowed bool
		if err := rows.Scan(&id, &allowed); err != nil {
			c.t.Fatal(err)
		}
		found[id] = allowed
	}
	for id, allowed := range c.given {
		if was, there := found[id]; !there || was != allowed {
			c.wrong = append(c.wrong, fmt.Sprintf("decision %s was given and is lost", id))
		}
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
}

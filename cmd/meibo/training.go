package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type trainCmd struct {
	Record trainingRecordCmd `cmd:"" help:"Record that people were told the city's conditions, all or none."`
	List   trainingListCmd   `cmd:"" help:"List what is recorded of a person."`
}

type trainingRecordCmd struct {
	Person   []string `arg:"" help:"Ids of the people."`
	On       string   `required:"" help:"The day, such as 2026-04-01."`
	Until    string   `help:"Last day on which it counts; as long as the city has settled when left out."`
	Contract string   `help:"Contract number; for any contract when left out."`
	Material string   `help:"With what, such as the number of the material's edition."`
	keyFlag
}

// Run records trainings.
func (c *trainingRecordCmd) Run(a *app) error {
	request := &pb.RecordTrainingsRequest{IdempotencyKey: c.key()}
	for _, id := range c.Person {
		request.Trainings = append(request.Trainings, &pb.Training{
			Person: id, Contract: c.Contract, CompletedOn: c.On, ValidUntil: c.Until, Material: c.Material,
		})
	}
	done, err := ask(a, pb.NewTrainingServiceClient, func(s pb.TrainingServiceClient) (*pb.RecordTrainingsResponse, error) {
		return s.RecordTrainings(a.ctx, request)
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("Recorded: %d trainings.\n", done.Trainings) })
}

type trainingListCmd struct {
	Person string `arg:"" help:"Id of the person."`
}

// Run lists trainings.
func (c *trainingListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewTrainingServiceClient, func(s pb.TrainingServiceClient) (*pb.ListTrainingsResponse, error) {
		return s.ListTrainings(a.ctx, &pb.ListTrainingsRequest{Person: c.Person})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, t := range list.Trainings {
			rows = append(rows, []string{t.CompletedOn, orDash(t.ValidUntil), orDash(t.Contract), t.Material})
		}
		a.table("COMPLETED UNTIL CONTRACT MATERIAL", rows)
	})
}

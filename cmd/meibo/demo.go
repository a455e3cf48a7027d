package main

type demoCmd struct {
	Once bool `help:"Tell the story and exit."`
}

// Run tells the story.
func (c *demoCmd) Run(a *app) error { return nil }

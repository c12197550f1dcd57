using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>Where values come from.</summary>
public class StoryTests
{
    [Fact]
    public void A_value_tells_every_place_that_set_it()
    {
        var composition = ConfigTree.Of(
            ("conf/config.yaml", "defaults:\n  - cluster: small\n  - experiment: wide\n  - _self_\ncluster:\n  nodes: 8\n"),
            ("conf/cluster/small.yaml", "nodes: 4\n"),
            ("conf/experiment/wide.yaml", "# @package _global_\ncluster: {nodes: 6}\n")).Compose("config", ["cluster.nodes=16"]);

        var story = ConfigStory.Of(composition, "cluster.nodes");

        Assert.Equal(["4", "6", "8", "16"], story.Steps.Select(s => s.Value));
        Assert.Equal(
            ["conf/cluster/small.yaml:1:8", "conf/experiment/wide.yaml:2:18", "conf/config.yaml:6:10", "override cluster.nodes=16"],
            story.Steps.Select(s => s.Origin.ToString()));
        Assert.Equal("merged 1st of 3 into 'cluster', named by config", story.Steps[0].Reason);
        Assert.Equal("override 1st of 1; overrides come after all files", story.Steps[3].Reason);
    }

    [Fact]
    public void A_key_that_is_not_there_is_answered_with_the_nearest()
    {
        var e = Assert.Throws<DiagnosticException>(() => ConfigStory.Of(ConfigTree.Of(("conf/config.yaml", "cluster: {nodes: 1}\n")).Compose("config", []), "cluster.nods"));

        Assert.Equal("did you mean 'cluster.nodes'?", e.Diagnostics[0].Help);
    }

    [Fact]
    public void A_listing_shows_behind_each_value_where_it_is_written()
    {
        var composition = ConfigTree.Of(ConfigTree.Race()).Compose("config", ["seed=9"]);

        Assert.Equal(
            """
            scheduler:
              name: slurm # conf/scheduler/slurm.yaml:1:7
              port: 6817 # conf/scheduler/slurm.yaml:2:7
            hw:
              nodes: 4 # conf/cluster/small.yaml:1:8
            seed: 9 # override seed=9
            repeats: 3 # conf/config.yaml:6:10
            run:
              label: base # conf/config.yaml:8:10
              tags:
              - a # conf/config.yaml:9:10
              - b # conf/config.yaml:9:13
            nothing: null # conf/config.yaml:10:10
            """.ReplaceLineEndings("\n"),
            string.Join('\n', OriginListing.Lines(composition.Root).Select(l => l.Origin is null ? l.Line : $"{l.Line} # {l.Origin}")));
    }

    [Fact]
    public void The_tree_of_defaults_shows_what_chose_each_option()
    {
        var tree = DefaultsTreeView.Of(ConfigTree.Of(ConfigTree.Race()).Compose("config", ["scheduler=flux"]));

        Assert.Equal("config", tree[0].Text);
        Assert.Equal(
            ["scheduler: flux → scheduler (override scheduler=flux)", "cluster@hw: small → hw (conf/config.yaml:3:17)", "_self_ →  ()"],
            tree[0].Children.Select(c => $"{c.Text} → {c.Package} ({c.Where})"));
    }

    [Fact]
    public void Two_configurations_are_compared_value_by_value()
    {
        var left = ConfigDiff.Read("a: 1\nb: {c: x, l: [1, 2]}\n", "left.yaml");
        var right = ConfigDiff.Read("a: 1\nb: {c: z, l: [1]}\nd: true\n", "right.yaml");

        Assert.Equal(
            [new ConfigDifference("b.c", "x", "z"), new ConfigDifference("b.l[1]", "2", null), new ConfigDifference("d", null, "true")],
            ConfigDiff.Compare(left, right));
    }
}

using Regatta.Runs;

namespace Regatta.Tests.Runs;

/// <summary>What the jobs of a trial are called by on the nodes, where a point's name holds more than such names may.</summary>
public sealed class PlannedTrialTests
{
    [Theory]
    [InlineData("fifo", 2, "fifo-2")]
    [InlineData("fifo-24.11", 1, "t7-fifo-24-11-1")]
    [InlineData("Wide_nodes=4,8", 1, "t7-wide-nodes-4-8-1")]
    [InlineData("a-name-of-forty-characters-and-some-more", 1, "t7-a-name-of-forty-characters-and-some-m")]
    public void A_label_is_a_name_on_the_nodes(string point, int repetition, string label) =>
        Assert.Equal(label, new PlannedTrial(7, point, repetition, 1, 1).Label);
}

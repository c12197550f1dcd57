using Regatta.Agent.Drivers.Flux;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Answers of Flux that cannot be read are told of, and end nothing.</summary>
public sealed class FluxAnswerTests
{
    [Theory]
    [InlineData("")]
    [InlineData("""{"id":1,"events":[""")]
    [InlineData("""{"id":123456789012345678901234567890}""")]
    public async Task A_line_of_the_journal_that_cannot_be_read_is_a_fault_of_the_trial(string answer)
    {
        await using var driver = Driver();
        driver.Take(answer, new TaskCompletionSource());

        var fault = Assert.Single(driver.Conclude()).Fault;
        Assert.StartsWith("an answer of Flux's journal cannot be read: ", fault!.Text, StringComparison.Ordinal);
        Assert.EndsWith(": " + answer, fault!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_cannot_be_read_are_told_of_once_until_they_can()
    {
        await using var driver = Driver();
        foreach (var answer in new[] { "{", "{", "{}", """{"R":{"execution":{"nodelist":["a"],"R_lite":[{}]}}}""" }) driver.TakeNodes(answer);

        Assert.Equal(2, driver.Conclude().Count);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"id":"x"}""")]
    public async Task A_submission_whose_answer_cannot_be_read_is_refused_with_it(string answer)
    {
        await using var driver = Driver();
        var taken = driver.Taken(1, answer, 5, null);

        Assert.Null(taken.SchedulerId);
        Assert.StartsWith("Flux's answer cannot be read: ", taken.Detail, StringComparison.Ordinal);
    }

    private static FluxDriver Driver() => new(new ReplayHeader { Trial = "trial", Scheduler = "flux", Jobs = 0 }, new FluxOptions(), TimeProvider.System);
}

using Regatta.Cli;

namespace Regatta.Tests.Cli;

/// <summary>What the last handler says of exceptions that nothing else took for its own.</summary>
public sealed class ProgramFaultTests
{
    [Fact]
    public async Task A_file_that_cannot_be_written_is_named_with_what_to_do()
    {
        var run = await ProgramRun.Of("config", "docs", "--output", "/proc/none/page.md");

        Assert.Equal(3, run.Code);
        Assert.Contains("error[file-access]: '/proc/none/page.md' is not there", run.Human, StringComparison.Ordinal);
        Assert.Contains("help: check the path", run.Human, StringComparison.Ordinal);
    }

    [Fact]
    public void Access_that_is_denied_names_the_path()
    {
        var told = Assert.Single(ProgramFault.Diagnostics(new UnauthorizedAccessException("Access to the path '/etc/shadow' is denied.")));

        Assert.Equal("file-access", told.Code);
        Assert.Equal("no access to '/etc/shadow'", told.Summary);
        Assert.Contains("permissions", told.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Anything_else_is_a_fault_of_the_program_in_one_line()
    {
        var told = Assert.Single(ProgramFault.Diagnostics(new AggregateException(new InvalidOperationException("two\nlines"))));

        Assert.Equal("program-fault", told.Code);
        Assert.Equal("this is a fault of the program: InvalidOperationException: two lines", told.Summary);
        Assert.Null(told.Detail);
        Assert.Contains("REGATTA_DEBUG=1", told.Help, StringComparison.Ordinal);
    }
}

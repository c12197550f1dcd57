using Regatta.Config;
using Regatta.Experiments.Configuration;

namespace Regatta.Tests.Config;

/// <summary>The page of all keys is what the schemas say.</summary>
public class ConfigurationPageTests
{
    [Fact]
    public void The_page_is_what_the_command_writes()
    {
        var composer = new Composer(Path.Combine(Repository.Root, "conf"), new ComposerOptions { WithHydra = false });

        var page = SchemaText.Markdown(RecordSchema.Of<Experiment>(), composer.OptionsOf);

        Assert.Equal(page, File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md")));
    }

    [Fact]
    public void Every_key_is_documented()
    {
        var page = SchemaText.Markdown(RecordSchema.Of<Experiment>(), _ => []);

        Assert.DoesNotContain("|  |\n", page, StringComparison.Ordinal);
    }
}

namespace Regatta.Tests.Diagnostics;

public sealed class DurationsTests
{
    /// <summary>Sizes as people write them, and their bytes.</summary>
    public static TheoryData<string, double> SizeForms => new() { { "1024", 1024 }, { "2GiB", 2147483648 }, { "500MB", 500_000_000 }, { "1.5K", 1536 }, { " 3 mib ", 3145728 }, { "1kb", 1000 } };

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5", 1.5)]
    [InlineData("250ms", 0.25)]
    [InlineData("10us", 1e-5)]
    [InlineData("90s", 90)]
    [InlineData("5min", 300)]
    [InlineData("1.5h", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("1 h 30 m", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("1w", 604800)]
    [InlineData("00:05:00", 300)]
    [InlineData("36:00:00", 129600)]
    [InlineData("00:00:01.25", 1.25)]
    [InlineData("1-12", 129600)]
    [InlineData("1-12:30", 131400)]
    [InlineData("1-12:00:00", 129600)]
    [InlineData("1.12:00:00", 129600)]
    [InlineData("-5s", -5)]
    [InlineData("-1-12:00:00", -129600)]
    public void Durations_are_read_as_people_and_schedulers_write_them(string text, double seconds)
    {
        Assert.True(Durations.TrySeconds(text, out var read));
        Assert.Equal(seconds, read, 1e-9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("soon")]
    [InlineData("1x")]
    [InlineData("h")]
    [InlineData("1h30")]
    [InlineData("1:30")]
    [InlineData("1:60:00")]
    [InlineData("1:00:00:00")]
    [InlineData("1:2.5:00")]
    [InlineData("1.5-12:00:00x")]
    [InlineData("1-")]
    [InlineData("1.12:00")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("--5")]
    public void Other_texts_are_none(string text) => Assert.False(Durations.TrySeconds(text, out _));

    [Fact]
    public void Negative_and_absurd_durations_are_no_time_spans()
    {
        Assert.False(Durations.TryParse("-1s", out _));
        Assert.False(Durations.TryParse("1000000000000", out _));
        Assert.True(Durations.TryParse("1.0000004", out var duration));
        Assert.Equal(TimeSpan.FromSeconds(1), duration);
    }

    [Theory]
    [InlineData(7200, "2h")]
    [InlineData(90, "90s")]
    [InlineData(0.25, "250ms")]
    [InlineData(0, "0s")]
    [InlineData(172800, "2d")]
    public void Durations_are_written_as_they_are_read(double seconds, string text)
    {
        Assert.Equal(text, Durations.Format(seconds));
        Assert.True(Durations.TrySeconds(text, out var read));
        Assert.Equal(seconds, read);
    }

    [Theory]
    [MemberData(nameof(SizeForms))]
    public void Sizes_are_read_with_their_units(string text, double bytes)
    {
        Assert.True(Sizes.TryBytes(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2XB")]
    [InlineData("GiB")]
    [InlineData("1GiB1MiB")]
    [InlineData("-1GiB")]
    public void Other_texts_are_no_sizes(string text) => Assert.False(Sizes.TryBytes(text, out _));

    [Fact]
    public void What_one_timer_can_take_of_a_wait_is_taken_by_timers()
    {
        Assert.Equal(TimeSpan.FromDays(40), Durations.ForTimer(TimeSpan.FromDays(40)));
        Assert.Equal(Durations.LongestTimer, Durations.ForTimer(TimeSpan.FromDays(100)));
        using var taken = new CancellationTokenSource(Durations.LongestTimer);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CancellationTokenSource(Durations.LongestTimer + TimeSpan.FromMilliseconds(1)));
    }
}

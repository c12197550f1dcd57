namespace Regatta.Host;

/// <summary>What a user may give as a machine that SSH is to reach.</summary>
public static class SshAddress
{
    /// <summary>What is wrong with an address and a user: neither may begin with '-', which programs read as an option, or hold white space, which would be further words of OpenSSH's configuration.</summary>
    /// <param name="whose">Whose they are, such as <c>the host n1</c>.</param>
    /// <param name="address">The address or name.</param>
    /// <param name="user">The user; null where ssh decides.</param>
    public static IEnumerable<Diagnostic> Faults(string whose, string address, string? user)
    {
        ArgumentNullException.ThrowIfNull(address);
        // ssh takes USER@ADDRESS as well.
        if (!address.Split('@').All(Fits)) yield return Fault("address", address, whose);
        if (user is not null && !Fits(user)) yield return Fault("user", user, whose);
    }

    private static bool Fits(string text) => text.Length > 0 && text[0] != '-' && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    private static Diagnostic Fault(string what, string text, string whose) =>
        Diagnostic.Error("ssh-address", $"the {what} of {whose} cannot be '{string.Concat(text.Select(c => char.IsControl(c) ? '?' : c))}'") with { Help = $"write the {what} as ssh takes it: not empty, no white space, and no '-' in front" };
}

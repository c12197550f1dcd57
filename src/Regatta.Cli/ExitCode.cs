namespace Regatta.Cli;

/// <summary>The exit codes of the program; every command uses these and no others.</summary>
public enum ExitCode
{
    /// <summary>Everything that was asked for was done.</summary>
    Done = 0,

    /// <summary>A trial, a check or an outside step failed.</summary>
    Failed = 1,

    /// <summary>The command line, the configuration or an input file is wrong.</summary>
    Usage = 2,

    /// <summary>The host lacks something; the diagnostic names the command that mends it.</summary>
    Host = 3,

    /// <summary>Interrupted; what was done is kept and can be resumed.</summary>
    Interrupted = 4,
}

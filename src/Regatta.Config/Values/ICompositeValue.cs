namespace Regatta.Config;

/// <summary>A value that holds further values: a mapping or a list of a tree.</summary>
internal interface ICompositeValue
{
    /// <summary>The name that Python gives to its type.</summary>
    string PythonTypeName { get; }

    /// <summary>What it is, as messages call it.</summary>
    string Description { get; }
}

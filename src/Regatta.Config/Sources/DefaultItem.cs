namespace Regatta.Config;

/// <summary>An item of a defaults list on its way through composition; copied before it is used.</summary>
internal sealed class DefaultItem
{
    /// <summary>The group, for an item that chooses an option of a group; null for one that names a configuration.</summary>
    public string? Group { get; init; }

    /// <summary>The configuration's path, for an item that names one.</summary>
    public string? Path { get; set; }

    /// <summary>The option (text), the options (a list of text), or null.</summary>
    public object? Value { get; set; }

    public string? Package { get; set; }

    public bool Optional { get; init; }

    public bool Override { get; init; }

    public bool External { get; init; }

    public bool Primary { get; init; }

    public bool Deleted { get; set; }

    public bool IsRoot { get; init; }

    public string? ParentBase { get; set; }

    public string? ParentPackage { get; set; }

    public string? Header { get; private set; }

    public Origin Origin { get; init; }

    /// <summary>Where the option that was chosen was written, when an override chose it.</summary>
    public Origin? ChosenAt { get; set; }

    public bool IsGroup => Group is not null;

    public bool IsSelf => IsGroup ? Value is "_self_" : Path == "_self_";

    public bool IsOptions => Value is IReadOnlyList<string>;

    public IReadOnlyList<string> Options => (IReadOnlyList<string>)Value!;

    public string? Name => IsGroup ? Value as string : Path![(Path!.LastIndexOf('/') + 1)..];

    public bool IsMissing => Name == "???";

    public bool IsInterpolation => IsGroup
        ? Value is string text && text.Contains("${", StringComparison.Ordinal)
        : !IsRoot && ConfigPath.Contains("${", StringComparison.Ordinal);

    public string GroupPath
    {
        get
        {
            if (IsRoot) return "";
            var path = IsGroup ? Group! : Path!;
            var absolute = path.StartsWith('/');
            if (absolute) path = path[1..];
            if (!IsGroup)
            {
                var slash = path.LastIndexOf('/');
                path = slash < 0 ? "" : path[..slash];
            }

            if (absolute || string.IsNullOrEmpty(ParentBase)) return path;
            return path.Length == 0 ? ParentBase : $"{ParentBase}/{path}";
        }
    }

    public string ConfigPath
    {
        get
        {
            if (IsRoot) return "<root>";
            if (IsGroup) return $"{GroupPath}/{Name ?? "None"}";
            if (Path!.StartsWith('/')) return Path[1..];
            return string.IsNullOrEmpty(ParentBase) ? Path : $"{ParentBase}/{Path}";
        }
    }

    public string DefaultPackage => GroupPath.Replace('/', '.');

    public string RelativeKey => Package is not null && Package != DefaultPackage ? $"{Group}@{Package}" : Group!;

    /// <summary>Group and, where it is not the usual one, package: the name under which the choice is known and overridden.</summary>
    public string OverrideKey
    {
        get
        {
            var package = FinalPackage(withHeader: false);
            if (package == DefaultPackage) return GroupPath;
            return $"{GroupPath}@{(package.Length == 0 ? "_global_" : package)}";
        }
    }

    public string? PackageOrHeader => Package ?? Header;

    public string FinalPackage(bool withHeader = true)
    {
        if (IsRoot) return "";
        var package = Package ?? (withHeader ? Header : null) ?? RelativeGroup().Replace('/', '.');
        var result = string.IsNullOrEmpty(ParentPackage) ? package : package.Length == 0 ? ParentPackage : $"{ParentPackage}.{package}";
        var global = result.LastIndexOf("_global_", StringComparison.Ordinal);
        if (global < 0) return result;
        var rest = global + "_global_".Length + 1;
        return rest >= result.Length ? "" : result[rest..];
    }

    public void SetParent(string parentBase, string parentPackage)
    {
        ParentBase = parentBase;
        ParentPackage = parentPackage;
        if (Package is { } package && package.Contains("_group_", StringComparison.Ordinal))
            Package = $"_global_.{package.Replace("_group_", DefaultPackage, StringComparison.Ordinal)}";
    }

    public void SetHeader(string? header)
    {
        if (header is null) return;
        Header = header == "_global_" || header.StartsWith("_global_.", StringComparison.Ordinal) ? header : $"_global_.{header}";
    }

    public DefaultItem Copy() => (DefaultItem)MemberwiseClone();

    private string RelativeGroup()
    {
        var path = IsGroup ? Group! : Path!;
        if (path.StartsWith('/')) path = path[1..];
        if (IsGroup) return path;
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }
}

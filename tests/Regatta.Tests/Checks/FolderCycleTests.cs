using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Regatta.Tests.Checks;

/// <summary>
/// Inside a project, the folders use one another in one direction. Which folder a type is in, and which types it uses, comes from what the compiler
/// made: the program and its debug information.
/// </summary>
public sealed partial class FolderCycleTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static readonly Dictionary<short, OpCode> OpCodesByValue =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    public static TheoryData<string> Projects =>
        [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(d => Path.GetFileName(d)).Where(n => File.Exists(Path.Combine(Repository.Root, "src", n, n + ".csproj")))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_form_no_cycle(string project)
    {
        var uses = Uses(Assembly.Load(AssemblyName(project)), project);

        var cyclic = uses.Keys.Where(folder => Reached(folder, uses).Contains(folder)).Order(StringComparer.Ordinal)
            .Select(folder => $"{folder} uses {string.Join(", ", uses[folder].Where(other => Reached(other, uses).Contains(folder)).Order(StringComparer.Ordinal))}");

        Assert.True(!cyclic.Any(), string.Join('\n', cyclic));
    }

    [Fact]
    public void A_cycle_would_be_found()
    {
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal) { ["A"] = ["B"], ["B"] = ["C"], ["C"] = ["B"] };

        Assert.Equal(["B", "C"], uses.Keys.Where(folder => Reached(folder, uses).Contains(folder)));
    }

    private static string AssemblyName(string project) => project switch
    {
        "Regatta.Cli" => "regatta",
        "Regatta.Agent" => "regatta-agent",
        _ => project,
    };

    private static HashSet<string> Reached(string folder, Dictionary<string, HashSet<string>> uses)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([folder]);
        while (open.TryPop(out var current))
        {
            foreach (var next in uses.GetValueOrDefault(current, []))
            {
                if (reached.Add(next)) open.Push(next);
            }
        }

        return reached;
    }

    /// <summary>The folders that each folder uses. What lies in the project's own folder is its top, and what lies below a folder a part of it.</summary>
    private static Dictionary<string, HashSet<string>> Uses(Assembly assembly, string project)
    {
        var folders = Folders(assembly, project);
        var uses = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var type in assembly.GetTypes())
        {
            if (FolderOf(type, folders) is not { Length: > 0 } from) continue;
            foreach (var to in UsedBy(type).Where(t => t.Assembly == assembly).Select(t => FolderOf(t, folders)).OfType<string>().Distinct())
            {
                if (to.Length > 0 && to != from && !Within(to, from) && !Within(from, to)) (uses.TryGetValue(from, out var known) ? known : uses[from] = new(StringComparer.Ordinal)).Add(to);
            }
        }

        return uses;
    }

    private static bool Within(string inner, string outer) => inner.StartsWith(outer + "/", StringComparison.Ordinal);

    private static string? FolderOf(Type type, Dictionary<int, string> folders)
    {
        for (var t = type; t is not null; t = t.DeclaringType)
        {
            if (folders.TryGetValue(t.MetadataToken, out var folder)) return folder;
        }

        return null;
    }

    /// <summary>The folder of each type, by its token. Of a type in several files, the first.</summary>
    private static Dictionary<int, string> Folders(Assembly assembly, string project)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb")));
        var pdb = provider.GetMetadataReader();
        var found = new Dictionary<int, string>();
        foreach (var type in assembly.GetTypes())
        {
            var documents = Methods(type).Select(m => pdb.GetMethodDebugInformation(MetadataTokens.MethodDefinitionHandle(m.MetadataToken & 0xFFFFFF)).Document).Where(d => !d.IsNil)
                .Concat(DocumentsOf(type, pdb));
            var folder = documents.Select(d => pdb.GetString(pdb.GetDocument(d).Name)).Select(path => Source().Match(path)).FirstOrDefault(m => m.Success && m.Groups["project"].Value == project);
            if (folder is not null) found.TryAdd(type.MetadataToken, folder.Groups["folder"].Value.TrimEnd('/'));
        }

        return found;
    }

    // Types without code, such as interfaces and enumerations.
    private static IEnumerable<DocumentHandle> DocumentsOf(Type type, MetadataReader pdb)
    {
        foreach (var handle in pdb.GetCustomDebugInformation(MetadataTokens.TypeDefinitionHandle(type.MetadataToken & 0xFFFFFF)))
        {
            var information = pdb.GetCustomDebugInformation(handle);
            if (pdb.GetGuid(information.Kind) != TypeDocuments) continue;
            var reader = pdb.GetBlobReader(information.Value);
            while (reader.RemainingBytes > 0) yield return MetadataTokens.DocumentHandle(reader.ReadCompressedInteger());
        }
    }

    private static IEnumerable<MethodBase> Methods(Type type) => [.. type.GetMethods(All), .. type.GetConstructors(All)];

    private static IEnumerable<Type> UsedBy(Type type)
    {
        IEnumerable<Type?> named =
        [
            type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(f => f.FieldType), .. type.GetProperties(All).Select(p => p.PropertyType),
            .. Methods(type).SelectMany(m => m.GetParameters().Select(p => p.ParameterType)), .. type.GetMethods(All).Select(m => m.ReturnType),
            .. Methods(type).SelectMany(Body),
        ];
        return named.OfType<Type>().SelectMany(Parts).Where(t => t.DeclaringType is null || !t.IsDefined(typeof(CompilerGeneratedAttribute)));
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        var element = type;
        while (element.HasElementType) element = element.GetElementType()!;
        return element.IsGenericType ? [element.GetGenericTypeDefinition(), .. element.GetGenericArguments().SelectMany(Parts)] : [element];
    }

    /// <summary>The types whose members, or which themselves, stand in the code of a method.</summary>
    private static IEnumerable<Type?> Body(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body) yield break;
        foreach (var local in body.LocalVariables) yield return local.LocalType;
        var code = body.GetILAsByteArray()!.ToImmutableArray();
        var typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < code.Length;)
        {
            var opCode = code[at] == 0xFE ? OpCodesByValue[(short)(0xFE00 | code[at + 1])] : OpCodesByValue[code[at]];
            at += opCode.Size;
            if (opCode.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32([.. code.Slice(at, 4)]), typeArguments, methodArguments);
                yield return member as Type ?? member!.DeclaringType;
                if (member is MethodInfo { IsGenericMethod: true } generic)
                {
                    foreach (var argument in generic.GetGenericArguments()) yield return argument;
                }
            }

            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32([.. code.Slice(at, 4)])),
                _ => 4,
            };
        }
    }

    [GeneratedRegex("/src/(?<project>[^/]+)/(?<folder>(?!obj/)(?:[^/]+/)*)[^/]+$")]
    private static partial Regex Source();
}

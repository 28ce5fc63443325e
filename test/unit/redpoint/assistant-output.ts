/** The vendor's example with values (READMEs of v7.3 to v7.5-RELEASE), and canaries where it has secrets. */
export const canary = "canary-9317";
export const assistantOutput = JSON.stringify(
  {
    General: {
      ConnectionStrings__OperationalDatabase: `Server=tcp:sql01.corp.example,1433;Database=Pulse;UID=rpi_${canary};PWD="${canary};x";ConnectRetryCount=12;Encrypt=false`,
      ConnectionStrings__LoggingDatabase: "[not set]",
      RPI__ServiceHostName: `rpi.${canary}.example`,
      RPI__SMTP__EmailSenderAddress: `noreply@${canary}.example`,
      RPI__SMTP__Address: `smtp.${canary}.example`,
      RPI__SMTP__Port: 2525,
      RPI__SMTP__EnableSSL: false,
      RPI__SMTP__UseCredentials: false,
    },
    Execution: {
      RPIExecution__QueueListener__IsEnabled: true,
      RPIExecution__QueueListener__QueuePath: `${canary}-queue`,
    },
    InteractionAPI: { RPIClient__HelpStartPageURL: "https://help.example" },
  },
  null,
  2,
);
